package org.understudy.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.LetPointGoRequest;
import org.understudy.api.MachineView;
import org.understudy.api.Operation;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;
import org.understudy.lab.deployment.Await;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * How a person gets on from wherever an item stands, by what is offered there and nothing else, until the VM runs and
 * is protected. What they did is kept, in order.
 */
final class WayOut {
    private static final Duration ALL_OF_IT = Duration.ofMinutes(8);
    private static final Duration LOOK = Duration.ofMillis(400);
    /** How often something is asked that is refused for what is so just now. */
    private static final int TRIES = 60;

    private final AcceptanceLab lab;
    private final List<String> taken = new ArrayList<>();
    private int refused;
    /** How often it was seen in a state in which the job that made it is not told with it. */
    private int enabling;

    WayOut(AcceptanceLab lab) {
        this.lab = lab;
    }

    /** What was done, without repetitions. */
    List<String> taken() {
        return taken.stream().distinct().toList();
    }

    /** Goes on until the VM runs protected; answers the item. */
    ItemView toProtection() throws IOException {
        return to("Protected");
    }

    /** Goes on until the VM has been failed over and nothing is reversed. */
    ItemView to(String state) throws IOException {
        long end = System.nanoTime() + ALL_OF_IT.toNanos();
        while (true) {
            Optional<ItemView> item = look();
            if (item.isPresent() && item.get().currentJob().isEmpty() && item.get().state().equals(state)
                    && item.get().testFailover().isEmpty() && !isPaused(item.get()) && isOn(item.get())) {
                return item.get();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("no way out to " + state + " after " + taken() + ": " + item.map(
                        seen -> seen.state() + ", " + seen.currentJob() + ", " + seen.trouble() + ", "
                                + seen.health().reasons() + ", allowed " + seen.allowedOperations()));
            }
            step(item);
            Await.pass(LOOK);
        }
    }

    private void step(Optional<ItemView> item) throws IOException {
        try {
            if (item.isEmpty()) {
                protectAgain();
            } else if (item.get().currentJob().isPresent()) {
                JobView job = lab.vault().job(item.get().currentJob().get().id());
                if (job.state() == JobView.State.SUSPENDED) {
                    ask(item.get(), Operation.TEST_FAILOVER_CLEANUP);
                }
            } else {
                goOn(item.get());
            }
            refused = 0;
        } catch (FailureException e) {
            boolean passes = e.failure().code().kind() == FailureCode.Kind.TRY_AGAIN;
            taken.add("refused: " + e.failure().code());
            if (!passes && ++refused > TRIES) {
                throw e;
            }
        }
    }

    private void goOn(ItemView item) throws IOException {
        if (item.testFailover().isPresent()) {
            ask(item, Operation.TEST_FAILOVER_CLEANUP);
            return;
        }
        Optional<RecoveryPointView> kept = lab.vault().recoveryPoints(item.id().toString()).stream()
                .filter(RecoveryPointView::kept).findFirst();
        if (kept.isPresent() && item.allowedOperations().contains(Operation.LET_POINT_GO)) {
            // What diverged is worth nothing here; while it is kept it may be in the way.
            taken.add(Operation.LET_POINT_GO.name());
            lab.vault().operate(item.id().toString(), Operation.LET_POINT_GO,
                    new LetPointGoRequest(kept.get().id()));
            return;
        }
        switch (item.state()) {
            case "FailingOver" -> ask(item, refused % 2 == 0 ? Operation.UNPLANNED_FAILOVER
                    : Operation.ABANDON_FAILOVER);
            case "CommitPending", "Committed" -> {
                isOn(item);
                ask(item, refused < 5 ? Operation.REVERSE_REPLICATE : Operation.DISABLE_PROTECTION);
            }
            case "Reversing" -> {
                doWhatIsSaid(item);
                isOn(item);
                if (item.allowedOperations().contains(Operation.COMMIT)) {
                    ask(item, refused < 10 ? Operation.COMMIT : Operation.DISABLE_PROTECTION);
                } else if (item.trouble().filter(WayOut::lasts).isPresent()) {
                    ask(item, Operation.REVERSE_REPLICATE);
                }
            }
            case "Enabling" -> {
                if (++enabling > TRIES) {
                    ask(item, Operation.DISABLE_PROTECTION);
                }
            }
            case "Disabling" -> ask(item, Operation.DISABLE_PROTECTION);
            case "InitialReplication", "Protected", "ResynchronizationRequired" -> {
                if (isPaused(item)) {
                    ask(item, Operation.RESUME_REPLICATION);
                } else {
                    doWhatIsSaid(item);
                    isOn(item);
                }
            }
            default -> throw new AssertionError("a state that nobody named: " + item.state());
        }
    }

    /** A libvirt that was killed as a backup began is to be started anew while the VM is off; the product says so. */
    private void doWhatIsSaid(ItemView item) throws IOException {
        if (item.trouble().filter(trouble -> trouble.recommendedAction().contains("restart libvirt while it is off"))
                .isPresent() && isOn(item)) {
            LabHost at = lab.lab().host(runsAt(item));
            taken.add("virsh shutdown and libvirt anew at " + at.name());
            HostTraces.virsh(at, "shutdown", lab.vm());
            Await.atMost(ALL_OF_IT).untilTrue("the VM to be off",
                    () -> !HostTraces.virsh(at, "domstate", lab.vm()).contains("running"));
            Striker.restartLibvirtd(lab, at.name());
        }
    }

    private static boolean isPaused(ItemView item) {
        return item.trouble().filter(trouble -> trouble.code() == FailureCode.REPLICATION_PAUSED).isPresent();
    }

    private static boolean lasts(Failure trouble) {
        return trouble.code().kind() == FailureCode.Kind.NEEDS_OPERATOR;
    }

    private void ask(ItemView item, Operation operation) throws IOException {
        if (!item.allowedOperations().contains(operation)) {
            throw new AssertionError(operation + " is not offered in " + item.state() + ": "
                    + item.allowedOperations());
        }
        taken.add(operation.name());
        Map<String, Object> request = operation == Operation.DISABLE_PROTECTION
                ? Map.of("forget", false, "deleteReplica", true) : Map.of();
        lab.vault().operate(item.id().toString(), operation, request);
    }

    /** Whether the VM runs; where it is meant to run and does not, because its QEMU was killed, it is started. */
    private boolean isOn(ItemView item) throws IOException {
        String host = runsAt(item);
        LabHost at = lab.lab().host(host);
        if (HostTraces.virsh(at, "domstate", lab.vm()).contains("running")) {
            return true;
        }
        taken.add("virsh start at " + host);
        try {
            HostTraces.virsh(at, "start", lab.vm());
        } catch (IOException notYet) {
            taken.add("refused: " + notYet.getMessage().replaceAll("\\s+", " "));
        }
        return false;
    }

    private static String runsAt(ItemView item) {
        return item.activeLocation() == ItemView.ActiveLocation.TARGET ? item.route().targetHost().name()
                : item.route().sourceHost().name();
    }

    private Optional<ItemView> look() throws IOException {
        return Await.atMost(ALL_OF_IT).until("the vault", () -> lab.vault().items(), _ -> true).stream()
                .filter(item -> item.name().equals(lab.vm())).findFirst();
    }

    /** From where it runs; what another host kept of it is taken away first, as its administrator would. */
    private void protectAgain() throws IOException {
        Optional<String> runs = Optional.empty();
        for (String host : List.of(Lab.STOCKHOLM, Lab.AMSTERDAM)) {
            if (HostTraces.virsh(lab.lab().host(host), "list", "--name").lines().anyMatch(lab.vm()::equals)) {
                runs = Optional.of(host);
            }
        }
        if (runs.isEmpty()) {
            startSomewhere();
            return;
        }
        String here = runs.get();
        String other = here.equals(Lab.STOCKHOLM) ? Lab.AMSTERDAM : Lab.STOCKHOLM;
        clear(other);
        if (lab.vault().machines(Optional.of(here)).stream().filter(found -> found.machine().name().equals(lab.vm()))
                .map(MachineView::readinessErrors).anyMatch(List::isEmpty)) {
            taken.add("protect");
            lab.vault().protect(new ProtectRequest(lab.vm(), Optional.of(here), Optional.empty()));
        }
    }

    /** Its QEMU was killed: an old copy does not start, so whichever does is the one. */
    private void startSomewhere() throws IOException {
        for (String host : List.of(Lab.STOCKHOLM, Lab.AMSTERDAM)) {
            try {
                HostTraces.virsh(lab.lab().host(host), "start", lab.vm());
                taken.add("virsh start at " + host);
                return;
            } catch (IOException notHere) {
                taken.add("refused: " + notHere.getMessage().replaceAll("\\s+", " "));
            }
        }
    }

    /** Undefines the VM at that host with its disks, as an administrator does who wants it there no more. */
    void clear(String host) throws IOException {
        LabHost at = lab.lab().host(host);
        if (HostTraces.virsh(at, "list", "--all", "--name").lines().anyMatch(lab.vm()::equals)) {
            taken.add("virsh undefine at " + host);
            List<String> disks = HostTraces.virsh(at, "domblklist", lab.vm()).lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(row -> row.length == 2 && row[1].startsWith("/")).map(row -> row[1]).toList();
            HostTraces.virsh(at, "undefine", lab.vm(), "--checkpoints-metadata");
            for (String disk : disks) {
                Program.output(lab.lab().exec(host, "rm", "-f", disk));
            }
        }
    }
}
