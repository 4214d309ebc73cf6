package org.understudy.vault.failover;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldAttachments;
import org.understudy.command.ToldRole;
import org.understudy.model.ItemId;
import org.understudy.model.RecoveryPoint;
import org.understudy.vault.fleet.Host;
import org.understudy.vault.fleet.KeptPerMinute;
import org.understudy.vault.fleet.ReportListener;
import org.understudy.vault.http.AuditTrail;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.HeldRoleStore;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.workflow.Jobs;

/**
 * What follows from the roles that hosts tell: what a person did at a host without the vault is written down, and a
 * failover that was done so is believed, for the VM runs; an old copy is told that it is one. What contradicts the
 * vault changes nothing and is critical health of its item. Called by many threads.
 */
public final class RolesKeeper implements ReportListener {
    private static final Logger LOG = LoggerFactory.getLogger(RolesKeeper.class);

    private final ItemSteps steps;
    private final HeldRoleStore roles;
    private final Attachments attachments;
    private final Jobs jobs;
    private final AuditTrail audit;
    private final KeptPerMinute kept = new KeptPerMinute(System::nanoTime);

    public RolesKeeper(
            ItemSteps steps, HeldRoleStore roles, Attachments attachments, Jobs jobs, AuditTrail audit) {
        this.steps = steps;
        this.roles = roles;
        this.attachments = attachments;
        this.jobs = jobs;
        this.audit = audit;
    }

    @Override
    public AgentEndpoint.Taken roles(Host host, AgentReport.Roles report) {
        for (HeldRole changed : roles.keep(host.id(), report.roles(), steps.clock().instant())) {
            changed.deed().ifPresent(deed -> writeDown(host, changed, deed));
        }
        for (HeldRole held : report.roles()) {
            if (held.role() == MachineRole.RUNNING_REPLICA && held.item().isPresent()) {
                held.deed().flatMap(Deed::point).ifPresent(point -> believe(host, held.item().get(), point));
            }
        }
        List<ToldRole> told = new ArrayList<>(roles.leftBehind(host.id()));
        told.addAll(roles.neverFailedOver(host.id()));
        return new AgentEndpoint.Taken(false, told, attachments(host, report.attachments()));
    }

    /** Where its replicas' adapters go, when that is another than the host keeps. */
    private Optional<ToldAttachments> attachments(Host host, Optional<String> kept) {
        String digest = roles.attachmentsDigest(host.id());
        return kept.equals(Optional.of(digest)) ? Optional.empty()
                : Optional.of(new ToldAttachments(digest, steps.items().list().stream()
                        .filter(item -> item.route().target().equals(host.id()))
                        .map(item -> new ToldAttachments.OfItem(item.id(), attachments.of(item))).toList()));
    }

    private void writeDown(Host host, HeldRole held, Deed deed) {
        boolean released = held.role() == MachineRole.RELEASED;
        String words = deed.by() + " at " + held.since() + deed.point().map(point ->
                " from point " + point.position()).orElse("") + ": " + deed.reason();
        kept.keep(host.id(), words).ifPresent(told -> audit.record(new AuditTrail.Entry("host " + host.name(),
                released ? "Release VM at its host" : "Failover at the host", Optional.of(held.vmName()), "done",
                Optional.of(told))));
    }

    /** The VM runs there, whatever the vault thought: only an operation that is under way may know better. */
    private void believe(Host host, ItemId id, RecoveryPoint point) {
        Optional<ProtectedItem> known = steps.items().find(id)
                .filter(item -> item.route().target().equals(host.id()));
        if (known.isEmpty() || next(known.get().state(), point).equals(known.get().state())) {
            return;
        }
        steps.database().transact(() -> {
            ProtectedItem item = steps.items().lock(id);
            // A test that is open stays open here until somebody cleans it up; its VM is gone at its host.
            if (jobs.activeOn(ItemSteps.target(item)).filter(job -> !job.type().equals(TestFailoverJob.NAME))
                    .isPresent()) {
                LOG.info("a failover at host={} waits for the operation on item={}", host.name(), item.name());
                return;
            }
            ProtectionState next = next(item.state(), point);
            if (!next.equals(item.state())) {
                steps.items().replace(item.with(next), item.version(),
                        "it was failed over at host=" + host.name(), steps.clock().instant());
            }
        });
    }

    private static ProtectionState next(ProtectionState state, RecoveryPoint point) {
        return state instanceof ProtectionState.MayFailOver protectedVm ? protectedVm.failedOverAtHost(point) : state;
    }
}
