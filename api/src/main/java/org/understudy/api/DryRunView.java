package org.understudy.api;

import java.util.List;
import java.util.Optional;
import org.understudy.model.Failure;

/**
 * What an operation would do; asking changed nothing.
 *
 * @param possible whether all checks passed
 * @param actions what would be done, in order
 */
public record DryRunView(String operation, boolean possible, List<Check> checks, List<String> actions) {
    public DryRunView {
        checks = List.copyOf(checks);
        actions = List.copyOf(actions);
    }

    /** One prerequisite and why it is not met; met when there is no failure. */
    public record Check(String name, Optional<Failure> failure) {}
}
