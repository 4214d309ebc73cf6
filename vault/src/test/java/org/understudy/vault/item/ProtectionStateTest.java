package org.understudy.vault.item;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.understudy.api.Operation;
import org.understudy.command.PointChoice;
import org.understudy.model.Consistency;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.workflow.sql.JsonColumn;

/** Keeps the diagram equal to the code, and goes along each edge of it. */
class ProtectionStateTest {
    private static final Path DIAGRAM = Path.of("../docs/states/protection.md");
    private static final RecoveryPoint POINT =
            new RecoveryPoint(new LogPosition(1, 7), Instant.EPOCH, Consistency.CRASH);
    private static final Map<Class<?>, Object> VALUES = Map.of(
            PointChoice.class, new PointChoice.Latest(), RecoveryPoint.class, POINT,
            FailoverKind.class, FailoverKind.PLANNED, EndReason.class, EndReason.MIGRATION_COMPLETE,
            TargetCopy.class, TargetCopy.RUNS, boolean.class, false,
            Optional.class, Optional.of(new ProtectionState.Reversing(POINT, true)),
            Failure.class, new Failure(FailureCode.RESYNCHRONIZATION_REQUIRED, "so", "do", Instant.EPOCH));

    @Test
    void diagramInTheDocsIsTheCode() throws IOException {
        String drawn = draw();
        if (Boolean.getBoolean("update.snapshots")) {
            Files.createDirectories(DIAGRAM.getParent());
            Files.writeString(DIAGRAM, drawn);
        }
        assertThat(DIAGRAM).content().isEqualTo(drawn);
    }

    @Test
    void everyTransitionLeadsToWhatItSays() throws ReflectiveOperationException {
        for (Class<?> state : states().toList()) {
            for (Method transition : transitions(state).toList()) {
                Object next = go(make(state), transition);
                assertThat(next).as("%s.%s", state.getSimpleName(), transition.getName())
                        .isInstanceOf(transition.getReturnType());
            }
        }
    }

    @Test
    void everyTransitionSaysWhoPullsIt() {
        for (Class<?> state : states().toList()) {
            assertThat(Stream.of(state.getMethods())
                    .filter(method -> ProtectionState.class.isAssignableFrom(method.getReturnType()))
                    .filter(method -> method.getReturnType() != state || !method.getName().equals("disable")))
                    .allMatch(method -> method.isAnnotationPresent(PulledBy.class));
        }
    }

    /** Whoever draws an edge for a person offers it; and what is offered for an edge is what the edge says. */
    @Test
    void offersThePersonWhoPullsAnEdgeTheOperationThatDoesIt() throws ReflectiveOperationException {
        for (Class<?> state : states().toList()) {
            ProtectionState made = (ProtectionState) make(state);
            for (Method transition : transitions(state).toList()) {
                PulledBy pulled = transition.getAnnotation(PulledBy.class);
                assertThat(pulled.asked().length == 0).as("%s.%s", state.getSimpleName(), transition.getName())
                        .isEqualTo(pulled.value() != PulledBy.Puller.PERSON);
                assertThat(AllowedOperations.in(made, false)).as("%s.%s", state.getSimpleName(), transition.getName())
                        .containsAll(List.of(pulled.asked()));
            }
        }
    }

    @Test
    void everyStateSurvivesTheDatabase() throws ReflectiveOperationException {
        for (Class<?> state : states().toList()) {
            ProtectionState made = (ProtectionState) make(state);
            String stored = JsonColumn.of(made).getValue();
            assertThat(stored).contains("\"state\":\"" + state.getSimpleName() + "\"");
            assertThat(JsonColumn.read(stored, ProtectionState.class)).isEqualTo(made);
        }
    }

    @Test
    void readsTheStatesThatEarlierReleasesWrote() {
        assertThat(JsonColumn.read("{\"state\":\"FailingOver\",\"point\":{\"choice\":\"latest\"}}",
                ProtectionState.class))
                .isEqualTo(new ProtectionState.FailingOver(FailoverKind.UNPLANNED, new PointChoice.Latest()));
        assertThat(JsonColumn.read("{\"state\":\"CommitPending\",\"point\":{\"position\":"
                + "{\"generation\":1,\"sequence\":7},\"capturedAt\":\"1970-01-01T00:00:00Z\","
                + "\"consistency\":\"CRASH\"}}", ProtectionState.class))
                .isEqualTo(new ProtectionState.CommitPending(FailoverKind.UNPLANNED, POINT));
        assertThat(JsonColumn.read("{\"state\":\"Disabling\"}", ProtectionState.class))
                .isEqualTo(new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.REPLICA));
    }

    @Test
    void everyStateButTheLastLeadsToDisabling() {
        List<Class<?>> without = states()
                .filter(state -> transitions(state).noneMatch(method -> method.getName().equals("disable")))
                .<Class<?>>map(state -> state).toList();
        assertThat(without).containsExactly(ProtectionState.Disabling.class);
    }

    @Test
    void endsForTheReasonForWhichItBeganTo() {
        ProtectionState.Disabling ending = new ProtectionState.Protected().disable(EndReason.NOT_SPECIFIED);
        assertThat(ending.disable(EndReason.MIGRATION_COMPLETE)).isEqualTo(ending);
    }

    /** In the order in which they are written down. */
    static Stream<Class<?>> states() {
        return Arrays.stream(ProtectionState.class.getAnnotation(JsonSubTypes.class).value())
                .map(JsonSubTypes.Type::value);
    }

    /** One of that kind. */
    static Object make(Class<?> state) throws ReflectiveOperationException {
        Class<?>[] types = Arrays.stream(state.getRecordComponents())
                .map(RecordComponent::getType).toArray(Class<?>[]::new);
        return state.getDeclaredConstructor(types).newInstance(Arrays.stream(types).map(VALUES::get).toArray());
    }

    private static Object go(Object state, Method transition) throws ReflectiveOperationException {
        try {
            return transition.invoke(state, Arrays.stream(transition.getParameterTypes()).map(VALUES::get).toArray());
        } catch (InvocationTargetException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private static Stream<Method> transitions(Class<?> state) {
        return Stream.of(state.getMethods()).filter(method -> method.isAnnotationPresent(PulledBy.class))
                .sorted(Comparator.comparing(Method::getName));
    }

    private static String draw() {
        String edges = states().flatMap(state -> transitions(state).map(method -> "    %s --> %s: %s (%s)".formatted(
                state.getSimpleName(), method.getReturnType().getSimpleName(), method.getName(),
                puller(method)))).collect(joining("\n"));
        String rows = states().flatMap(state -> transitions(state).map(method -> "| %s | %s | %s | %s |".formatted(
                state.getSimpleName(), method.getName(), method.getReturnType().getSimpleName(), pulls(method))))
                .collect(joining("\n"));
        String traits = states().map(state -> "| %s | %s |".formatted(state.getSimpleName(), Arrays.stream(
                state.getInterfaces()).map(Class::getSimpleName).collect(joining(", ")))).collect(joining("\n"));
        return """
                # The states of a protected item

                Drawn from `org.understudy.vault.item.ProtectionState` by its test (rewritten with
                `-Dupdate.snapshots=true`). Progress, health and a test failover are facts beside the state.

                ```mermaid
                stateDiagram-v2
                    [*] --> Enabling
                %s
                    Disabling --> [*]
                ```

                ## Who pulls an edge

                A person asks for an operation, whose job goes along the edge; a job goes along by itself when what it
                waited for has come; a report is what an agent tells. The last edge, from `Disabling` out of the vault,
                is a job's.

                | from | edge | to | pulled by |
                |---|---|---|---|
                %s

                ## What states have in common

                Whoever asks for less than the state asks for its trait.

                | state | traits |
                |---|---|
                %s
                """.formatted(edges, rows, traits);
    }

    private static String puller(Method edge) {
        return edge.getAnnotation(PulledBy.class).value().name().toLowerCase(Locale.ROOT);
    }

    private static String pulls(Method edge) {
        Operation[] asked = edge.getAnnotation(PulledBy.class).asked();
        return "a " + puller(edge) + (asked.length == 0 ? ""
                : ": " + Arrays.stream(asked).map(Operation::words).collect(joining(", or ")));
    }
}
