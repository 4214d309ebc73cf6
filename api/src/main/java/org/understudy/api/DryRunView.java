package org.understudy.api;

import java.util.List;
import java.util.Optional;
import org.understudy.model.Failure;

/**
 * What an operation would do; asking changed nothing.
 *
 * @param possible whether all checks passed
 * @param actions what would be done, in order
 * @param warnings what would be different or missing, in sentences
 */
public record DryRunView(
        String operation, boolean possible, List<Check> checks, List<String> actions, List<String> warnings) {
    public DryRunView {
        checks = List.copyOf(checks);
        actions = List.copyOf(actions);
        warnings = List.copyOf(warnings);
    }

    /** One prerequisite and why it is not met; met when there is no failure. */
    public record Check(String name, Optional<Failure> failure) {}
}
