package org.understudy.vault.item;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.api.DryRunView;
import org.understudy.api.ReadinessError;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** The outcome of a prerequisites check: each check by its name, met or with the reason. Grows, then is read. */
public final class Prerequisites {
    private record Finding(String check, Optional<ReadinessError> error) {}

    private final List<Finding> findings = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** A check that is met. */
    public Prerequisites met(String check) {
        findings.add(new Finding(check, Optional.empty()));
        return this;
    }

    /** A check that is not met. */
    public Prerequisites failed(String check, FailureCode code, String message) {
        return add(check, Optional.of(ReadinessError.of(code, message)));
    }

    /** A check that is met exactly if there is no error. */
    public Prerequisites add(String check, Optional<ReadinessError> error) {
        findings.add(new Finding(check, error));
        return this;
    }

    /** What is no reason to refuse, and will be different or missing. */
    public Prerequisites warn(List<String> sentences) {
        warnings.addAll(sentences);
        return this;
    }

    /** These checks and then those of another. */
    public Prerequisites and(Prerequisites others) {
        findings.addAll(others.findings);
        warnings.addAll(others.warnings);
        return this;
    }

    public boolean areMet() {
        return findings.stream().allMatch(finding -> finding.error().isEmpty());
    }

    /** Throws the first failure, if there is one. */
    public void require(Instant now) {
        findings.stream().flatMap(finding -> finding.error().stream()).findFirst().ifPresent(error -> {
            throw failure(error, now).asException();
        });
    }

    /** As a dry run tells it. */
    public DryRunView dryRun(String operation, List<String> actions, Instant now) {
        return new DryRunView(operation, areMet(), findings.stream()
                .map(finding -> new DryRunView.Check(finding.check(), finding.error().map(e -> failure(e, now))))
                .toList(), actions, warnings.stream().distinct().toList());
    }

    private static Failure failure(ReadinessError error, Instant now) {
        return new Failure(error.code(), error.message(), error.recommendedAction(), now);
    }
}
