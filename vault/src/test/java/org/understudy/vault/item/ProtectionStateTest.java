package org.understudy.vault.item;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
        for (Class<?> state : ProtectionState.class.getPermittedSubclasses()) {
            for (Method transition : transitions(state).toList()) {
                Object next = go(make(state), transition);
                assertThat(next).as("%s.%s", state.getSimpleName(), transition.getName())
                        .isInstanceOf(transition.getReturnType());
            }
        }
    }

    @Test
    void everyStateSurvivesTheDatabase() throws ReflectiveOperationException {
        for (Class<?> state : ProtectionState.class.getPermittedSubclasses()) {
            ProtectionState made = (ProtectionState) make(state);
            String stored = JsonColumn.of(made).getValue();
            assertThat(stored).contains("\"state\":\"" + state.getSimpleName() + "\"");
            assertThat(JsonColumn.read(stored, ProtectionState.class)).isEqualTo(made);
        }
    }

    @Test
    void everyStateButTheLastLeadsToDisabling() {
        List<Class<?>> without = Arrays.stream(ProtectionState.class.getPermittedSubclasses())
                .filter(state -> transitions(state).noneMatch(method -> method.getName().equals("disable")))
                .<Class<?>>map(state -> state).toList();
        assertThat(without).containsExactly(ProtectionState.Disabling.class);
    }

    private static Object make(Class<?> state) throws ReflectiveOperationException {
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
        return Stream.of(state.getDeclaredMethods())
                .filter(method -> ProtectionState.class.isAssignableFrom(method.getReturnType()))
                .sorted(Comparator.comparing(Method::getName));
    }

    private static String draw() {
        return Arrays.stream(ProtectionState.class.getPermittedSubclasses())
                .flatMap(state -> transitions(state).map(method -> "    %s --> %s: %s".formatted(
                        state.getSimpleName(), method.getReturnType().getSimpleName(), method.getName())))
                .collect(joining("\n", """
                        # The states of a protected item

                        Drawn from `org.understudy.vault.item.ProtectionState` by its test (rewritten with
                        `-Dupdate.snapshots=true`). Progress, health and a test failover are facts beside the state.

                        ```mermaid
                        stateDiagram-v2
                            [*] --> Enabling
                        """, "\n    Disabling --> [*]\n```\n"));
    }
}
