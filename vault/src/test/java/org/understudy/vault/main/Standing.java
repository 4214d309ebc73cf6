package org.understudy.vault.main;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.lang.reflect.Method;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.understudy.api.Operation;
import org.understudy.vault.feature.Features;
import org.understudy.vault.item.AllowedOperations;
import org.understudy.vault.item.AutomaticJobs;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.PulledBy;
import org.understudy.vault.operation.ItemOperation;
import org.understudy.workflow.JobType;

/**
 * How an item can stand when nobody looks: its state, an open test, and its newest job in some step and state. The set
 * of all is made from the code, so that a new job or edge is in it without anybody's doing.
 */
record Standing(ProtectionState state, boolean testOpen, Optional<Left> job) {
    private static final String TEST = "Test failover";
    private static final String ABANDON = "Abandon failover";

    /**
     * The newest job: in which step it stands, and whether it runs, waits for a person, failed or was cancelled.
     *
     * @param startSource what it was told, of one that takes a failover back
     */
    record Left(JobType type, int step, String state, boolean startSource) {
        boolean isActive() {
            return !state.equals("FAILED") && !state.equals("CANCELLED");
        }

        @Override
        public String toString() {
            return type.name() + "/" + type.steps().get(step).id() + " " + state
                    + (startSource ? " and starts the source" : "");
        }
    }

    /** Every combination that can be reached, and some more: what a state leads to is asked of its edges alone. */
    static List<Standing> all(List<ProtectionState> states) {
        Features features = Features.wired(null, null, null, null, null, Clock.systemUTC());
        Set<Standing> all = new LinkedHashSet<>();
        states.forEach(state -> all.add(new Standing(state, false, Optional.empty())));
        for (JobType type : features.jobTypes()) {
            Optional<Operation> operation = features.operations().stream()
                    .filter(known -> known.job().name().equals(type.name()))
                    .map(known -> known.offer().operation()).findFirst();
            if (operation.equals(Optional.of(Operation.TEST_FAILOVER_CLEANUP))) {
                continue;
            }
            for (ProtectionState state : during(type, operation, states)) {
                left(type).forEach(left -> all.add(new Standing(state, false, Optional.of(left))));
            }
        }
        all.addAll(withATest(features, states));
        return List.copyOf(all);
    }

    /** Where the item may be while the job is its newest. */
    private static Set<ProtectionState> during(
            JobType type, Optional<Operation> operation, List<ProtectionState> states) {
        Set<ProtectionState> during = new LinkedHashSet<>();
        for (ProtectionState state : states) {
            boolean begins = operation.map(asked -> AllowedOperations.in(state, false).contains(asked))
                    .orElse(mayBeginByItself(type, state));
            if (begins) {
                during.add(state);
            }
        }
        for (int before = -1; before < during.size(); ) {
            before = during.size();
            for (ProtectionState state : List.copyOf(during)) {
                next(state, operation).forEach(kind -> states.stream().filter(kind::isInstance).forEach(during::add));
            }
        }
        return during;
    }

    private static boolean mayBeginByItself(JobType type, ProtectionState state) {
        return switch (type.name()) {
            case "Enable protection" -> state instanceof ProtectionState.Enabling;
            case AutomaticJobs.FINALIZE -> state instanceof ProtectionState.InitialReplication;
            case AutomaticJobs.UPDATE_SETTINGS -> state instanceof ProtectionState.InitialReplication
                    || state instanceof ProtectionState.Protected;
            default -> false;
        };
    }

    /** The states to which a report, a job by itself, or this operation leads. */
    private static Stream<Class<?>> next(ProtectionState state, Optional<Operation> operation) {
        return Stream.of(state.getClass().getMethods()).filter(edge -> edge.isAnnotationPresent(PulledBy.class))
                .filter(edge -> isPulled(edge.getAnnotation(PulledBy.class), operation))
                .<Class<?>>map(Method::getReturnType);
    }

    private static boolean isPulled(PulledBy edge, Optional<Operation> operation) {
        return edge.value() != PulledBy.Puller.PERSON
                || operation.filter(asked -> List.of(edge.asked()).contains(asked)).isPresent();
    }

    private static List<Left> left(JobType type) {
        List<Left> left = new ArrayList<>(left(type, false));
        if (type.name().equals(ABANDON)) {
            left.addAll(left(type, true));
        }
        return left;
    }

    private static List<Left> left(JobType type, boolean startSource) {
        List<Left> left = new ArrayList<>();
        for (int step = 0; step < type.steps().size(); step++) {
            left.add(new Left(type, step, "IN_PROGRESS", startSource));
            left.add(new Left(type, step, "FAILED", startSource));
            if (type.steps().get(step).cancellable()) {
                left.add(new Left(type, step, "CANCELLING", startSource));
                left.add(new Left(type, step, "CANCELLED", startSource));
            }
        }
        if (type.name().equals(TEST)) {
            left.add(new Left(type, type.steps().size() - 1, "SUSPENDED", startSource));
        }
        return left;
    }

    private static List<Standing> withATest(Features features, List<ProtectionState> states) {
        List<Standing> all = new ArrayList<>();
        List<ProtectionState> tested = states.stream()
                .filter(state -> state instanceof ProtectionState.Replicates
                        && state instanceof ProtectionState.MayFailOver).toList();
        for (ProtectionState state : tested) {
            all.add(new Standing(state, true, Optional.empty()));
            for (ItemOperation<?, ?> operation : features.operations()) {
                Operation asked = operation.offer().operation();
                if (asked == Operation.TEST_FAILOVER || asked == Operation.TEST_FAILOVER_CLEANUP) {
                    left(operation.job()).stream()
                            .filter(left -> asked != Operation.TEST_FAILOVER || left.step() > 0)
                            .forEach(left -> all.add(new Standing(state, true, Optional.of(left))));
                }
            }
        }
        return all;
    }

    /** Whether anything here asks a host: a job that ended asks none, and begun again it is one that runs. */
    boolean dependsOnHosts() {
        return job.filter(left -> !left.isActive() || left.state().equals("CANCELLING")).isEmpty();
    }

    /** All states there are, one of each kind that a switch or a test can tell from another. */
    static long kinds() {
        return ProtectionState.class.getAnnotation(JsonSubTypes.class).value().length;
    }

    @Override
    public String toString() {
        return state.name() + (testOpen ? " with a test" : "") + ", " + job.map(Left::toString).orElse("no job");
    }
}
