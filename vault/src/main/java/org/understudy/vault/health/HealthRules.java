package org.understudy.vault.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.api.HealthView;
import org.understudy.api.HealthView.Level;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.item.Outlook;
import org.understudy.vault.item.ProtectionState;

/** The rules by which an item's health follows from its facts (section 14.1). Pure; a fact beside the state. */
public final class HealthRules {
    /** From here on it is told by the hour, whatever the policy. */
    private static final Duration LAG = Duration.ofHours(1);
    /** Beside three rounds of copying: what a busy host or a large cycle takes longer without anything being wrong. */
    private static final Duration LAG_USUAL = Duration.ofSeconds(10);
    /** After that many attempts the short pauses between them (1, 2, 4, 8, 16 seconds) are used up. */
    private static final int ATTEMPTS = 5;

    private HealthRules() {}

    /**
     * The facts.
     *
     * @param copyFrequency of the policy
     * @param lag age of the newest acknowledged position; empty before the first
     * @param attempt how often in a row replication was tried
     * @param copyFrequency what the policy promises
     */
    public record Facts(
            String vm, ProtectionState state, Ends ends, Duration copyFrequency, Optional<Duration> lag,
            List<Failure> troubles, int attempt, boolean busy, Outlook outlook) {
        public Facts {
            troubles = List.copyOf(troubles);
        }

        /** Of an item whose failover would meet nothing in its way. */
        public Facts(
                String vm, ProtectionState state, Ends ends, Duration copyFrequency, Optional<Duration> lag,
                List<Failure> troubles, int attempt, boolean busy) {
            this(vm, state, ends, copyFrequency, lag, troubles, attempt, busy, Outlook.CLEAR);
        }
    }

    /**
     * The hosts of the two sites.
     *
     * @param oldCopyRuns whether the source reported, since the VM was failed over, that it runs there
     * @param copy how the target reported the VM since it was failed over; empty before, and when it did not
     */
    public record Ends(End source, End target, boolean oldCopyRuns, Optional<PowerState> copy) {
        /** Before a failover, or before its target has reported. */
        public Ends(End source, End target, boolean oldCopyRuns) {
            this(source, target, oldCopyRuns, Optional.empty());
        }
    }

    /** One of them, whether its agent reports, and what troubles that agent beside the item. */
    public record End(String host, boolean connected, List<Failure> troubles) {
        public End {
            troubles = List.copyOf(troubles);
        }
    }

    /** Health with its reasons, worst first. */
    public static HealthView of(Facts facts) {
        return switch (facts.state()) {
            case ProtectionState.Enabling _ -> warning("Protection of virtual machine '%s' is being enabled.", facts);
            case ProtectionState.InitialReplication _ -> join(replication(facts),
                    warning("Initial replication of virtual machine '%s' is not completed.", facts));
            case ProtectionState.Protected _ -> replication(facts);
            case ProtectionState.ResynchronizationRequired required -> critical(
                    "Resynchronization is required for virtual machine '%s': ".formatted(facts.vm())
                            + required.failure().message());
            case ProtectionState.FailingOver _ when facts.busy() ->
                    new HealthView(Level.NOT_APPLICABLE, List.of());
            case ProtectionState.FailingOver _ -> critical(("The failover of virtual machine '%s' stopped before it "
                    + "ran on host %s, and its replication is ended. Fail over again, or abandon the failover.")
                            .formatted(facts.vm(), facts.ends().target().host()));
            case ProtectionState.CommitPending _ -> join(oneCopy(facts), warning(
                    "Virtual machine '%s' was failed over and the failover is not committed.", facts));
            case ProtectionState.Committed _ -> join(oneCopy(facts), warning(
                    "Virtual machine '%s' was failed over and reverse replication is not started.", facts));
            case ProtectionState.Reversing reversing -> join(replication(facts), warning(reversing.committed()
                    ? "Virtual machine '%s' was failed over and its replica at the other site is not up to date yet."
                    : "Virtual machine '%s' was failed over and the failover is not committed.", facts));
            case ProtectionState.Disabling _ -> new HealthView(Level.NOT_APPLICABLE, List.of());
        };
    }

    /** Health with further reasons to act at once. */
    public static HealthView withCritical(HealthView health, List<String> reasons) {
        return reasons.isEmpty() ? health : join(new HealthView(Level.CRITICAL, reasons), health);
    }

    /** Health with further reasons to look; no better than it was. */
    public static HealthView with(HealthView health, List<String> warnings) {
        return warnings.isEmpty() ? health : join(health, new HealthView(Level.WARNING, warnings));
    }

    /** After a failover the VM runs at the target alone; the old copy may come back with its host. */
    private static HealthView oneCopy(Facts facts) {
        return join(copyRuns(facts), noOldCopy(facts));
    }

    /** Whoever failed over wants it to run, after each restart of the host too. */
    private static HealthView copyRuns(Facts facts) {
        String host = facts.ends().target().host();
        return facts.ends().copy().filter(power -> power != PowerState.RUNNING)
                .map(power -> critical(("Virtual machine '%s' was failed over to host %s and does not run there: it is "
                        + "%s. Start it there (virsh start).").formatted(facts.vm(), host, words(power))))
                .orElseGet(() -> new HealthView(Level.NORMAL, List.of()));
    }

    private static String words(PowerState power) {
        return switch (power) {
            case RUNNING -> "running";
            case PAUSED -> "paused";
            case CRASHED -> "crashed";
            case SHUT_OFF -> "shut off";
        };
    }

    private static HealthView noOldCopy(Facts facts) {
        End old = facts.ends().source();
        return old.connected() && facts.ends().oldCopyRuns()
                ? critical("Virtual machine '%s' runs on host %s too, from where it was failed over to host %s. "
                        .formatted(facts.vm(), old.host(), facts.ends().target().host())
                        + "Shut it down on " + old.host() + ": what it writes there is not kept.")
                : new HealthView(Level.NORMAL, List.of());
    }

    private static HealthView replication(Facts facts) {
        HealthView health = new HealthView(Level.NORMAL, List.of());
        boolean shutOff = false;
        for (Failure trouble : facts.troubles()) {
            shutOff |= trouble.code() == FailureCode.VM_NOT_RUNNING;
            health = join(health, trouble(trouble, facts));
        }
        for (End end : List.of(facts.ends().source(), facts.ends().target())) {
            if (!end.connected()) {
                health = join(health, new HealthView(Level.WARNING, List.of(silent(end.host()))));
            }
            for (Failure trouble : end.troubles()) {
                health = join(health, new HealthView(Level.WARNING, List.of(
                        "Host " + end.host() + ": " + sentence(trouble.message()))));
            }
        }
        health = join(health, outlook(facts));
        return shutOff || facts.lag().isEmpty() ? health : join(health, lag(facts, facts.lag().get()));
    }

    private static HealthView lag(Facts facts, Duration lag) {
        if (lag.compareTo(LAG) > 0) {
            return warning("Replica virtual machine '%s' is behind the primary by more than an hour.", facts);
        }
        if (lag.compareTo(facts.copyFrequency().multipliedBy(3).plus(LAG_USUAL)) > 0) {
            return new HealthView(Level.WARNING, List.of(
                    "Replica virtual machine '%s' is behind the primary by %s; its policy copies every %s."
                            .formatted(facts.vm(), words(lag), words(facts.copyFrequency()))));
        }
        return new HealthView(Level.NORMAL, List.of());
    }

    /** What a failover would meet is a fact of today: a drill that nobody makes would find it too late. */
    private static HealthView outlook(Facts facts) {
        HealthView health = new HealthView(Level.NORMAL, List.of());
        for (String obstacle : facts.outlook().obstacles()) {
            health = join(health, critical("Virtual machine '%s' cannot be started on host %s: "
                    .formatted(facts.vm(), facts.ends().target().host()) + obstacle));
        }
        for (String disk : facts.outlook().unprotected()) {
            health = join(health, critical(disk));
        }
        for (String warning : facts.outlook().mappings()) {
            health = join(health, new HealthView(Level.WARNING, List.of(warning)));
        }
        return health;
    }

    private static HealthView trouble(Failure trouble, Facts facts) {
        return switch (trouble.code()) {
            case VM_NOT_RUNNING -> new HealthView(Level.NORMAL, List.of(sentence(trouble.message())
                    + facts.lag().map(lag -> " What it wrote in the moment before it went off may be missing at the "
                            + "target: the state there is " + words(lag) + " old, and is brought up when it runs.")
                    .orElse("")));
            case TARGET_STORAGE_FULL, SOURCE_STORAGE_FULL -> critical(trouble.message());
            case REPLICATION_PAUSED -> new HealthView(Level.WARNING, List.of(trouble.message()));
            case FailureCode code when passes(code) && facts.attempt() <= ATTEMPTS ->
                    new HealthView(Level.WARNING, List.of(trouble.message()));
            case FailureCode code -> critical("Replication for virtual machine '%s' %s: %s %s".formatted(facts.vm(),
                    passes(code) ? "is in error" : "stands still",
                    sentence(trouble.message()), trouble.recommendedAction()));
        };
    }

    private static String words(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    /** What replication tries again by itself (decision 19). */
    private static boolean passes(FailureCode code) {
        return code.kind() == FailureCode.Kind.TRY_AGAIN || code == FailureCode.HYPERVISOR_REFUSED
                || code == FailureCode.INTERNAL_ERROR;
    }

    private static String sentence(String message) {
        return message.endsWith(".") ? message : message + ".";
    }

    private static String silent(String host) {
        return "The agent on host " + host + " does not report; replication may go on without the vault.";
    }

    private static HealthView warning(String message, Facts facts) {
        return new HealthView(Level.WARNING, List.of(message.formatted(facts.vm())));
    }

    private static HealthView critical(String message) {
        return new HealthView(Level.CRITICAL, List.of(message));
    }

    private static HealthView join(HealthView one, HealthView other) {
        HealthView worse = one.level().compareTo(other.level()) >= 0 ? one : other;
        HealthView better = worse == one ? other : one;
        List<String> reasons = new ArrayList<>(worse.reasons());
        reasons.addAll(better.reasons());
        return new HealthView(worse.level(), reasons);
    }
}
