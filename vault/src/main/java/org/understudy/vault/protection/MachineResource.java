package org.understudy.vault.protection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.api.MachineView.ProtectionStatus;
import org.understudy.api.MachineView;
import org.understudy.api.Named;
import org.understudy.api.ReadinessError;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.ReportedMachine;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TestFailover;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.name.Missing;

/** REST of protectable items: the VMs that hosts reported, but for test VMs, which belong to their items (TF-05). */
public final class MachineResource implements Resource {
    private final ProtectionPlanning planning;
    private final Agents agents;
    private final SiteStore sites;
    private final InventoryStore inventory;
    private final ProtectedItemStore items;
    private final TestFailoverStore tests;

    public MachineResource(ProtectionPlanning planning, Agents agents, SiteStore sites, InventoryStore inventory,
            ProtectedItemStore items, TestFailoverStore tests) {
        this.planning = planning;
        this.agents = agents;
        this.sites = sites;
        this.inventory = inventory;
        this.items = items;
        this.tests = tests;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/machines", Role.READER, Set.of("host", "name"), this::list);
        routes.get("/machines/{machine}", Role.READER, request -> {
            List<ReportedMachine> found = inventory.named(request.path("machine"));
            return found.stream().findFirst().map(this::view)
                    .orElseThrow(() -> Missing.none("virtual machine", request.path("machine")));
        });
    }

    private Object list(Request request) {
        Optional<Agent> host = request.query("host").map(agents::named);
        List<TestFailover> open = tests.list();
        return inventory.machines().stream()
                .filter(machine -> host.isEmpty() || host.get().id().equals(machine.host()))
                .filter(machine -> request.query("name").map(machine.machine().name()::equals).orElse(true))
                .filter(machine -> !isTest(machine, open))
                .map(this::view).toList();
    }

    private boolean isTest(ReportedMachine machine, List<TestFailover> open) {
        return open.stream()
                .filter(test -> test.vmName().equals(machine.machine().name()))
                .flatMap(test -> items.find(test.item()).stream())
                .anyMatch(item -> item.route().target().equals(machine.host()));
    }

    /** Nothing can be started from what initial replication has not covered yet. */
    private static ProtectionStatus status(ProtectedItem item) {
        return item.state() instanceof ProtectionState.Enabling
                || item.state() instanceof ProtectionState.InitialReplication
                ? ProtectionStatus.BEING_PROTECTED : ProtectionStatus.PROTECTED;
    }

    private MachineView view(ReportedMachine reported) {
        Agent host = agents.get(reported.host());
        Optional<Cloud> cloud = planning.cloud(reported);
        Optional<ProtectedItem> item = items.of(reported.machine().id());
        List<ReadinessError> errors = item.isPresent() ? List.of() : planning.readiness(reported);
        return new MachineView(reported.machine(), host.named(),
                sites.of(reported.host()).map(site -> new Named<>(site.id(), site.name())),
                cloud.map(of -> new Named<>(of.id(), of.name())),
                item.map(MachineResource::status).orElse(ProtectionStatus.UNPROTECTED),
                item.map(ProtectedItem::id), errors);
    }
}
