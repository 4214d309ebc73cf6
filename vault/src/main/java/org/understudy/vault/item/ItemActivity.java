package org.understudy.vault.item;

import java.util.List;
import java.util.Optional;
import org.understudy.api.Operation;
import org.understudy.model.FailureException;
import org.understudy.workflow.Job;
import org.understudy.workflow.Jobs;

/** What goes on with an item, its open test and its running job, and what may therefore be asked of it. */
public record ItemActivity(TestFailoverStore tests, Jobs jobs) {
    public Optional<TestFailover> test(ProtectedItem item) {
        return tests.of(item.id());
    }

    /** The job that works on it; the clean-up of its test before the test that waits for it. */
    public Optional<Job> job(ProtectedItem item) {
        return jobs.activeOn(ItemSteps.testTarget(item)).or(() -> jobs.activeOn(ItemSteps.target(item)));
    }

    public List<Operation> allowed(ProtectedItem item) {
        return AllowedOperations.in(item.state(), test(item).isPresent());
    }

    /** Throws STATE_FORBIDS, or OPERATION_IN_PROGRESS if a running job is why the state is what it is. */
    public void requireAllowed(ProtectedItem item, Operation operation) {
        boolean testOpen = test(item).isPresent();
        if (AllowedOperations.in(item.state(), testOpen).contains(operation)) {
            return;
        }
        if (!testOpen || !AllowedOperations.isFailover(operation)) {
            jobs.requireNoneActive(ItemSteps.target(item));
        }
        throw AllowedOperations.refusal(item, operation, testOpen);
    }

    /** The same as the first of the checks of a dry run. */
    public Prerequisites check(ProtectedItem item, Operation operation) {
        Prerequisites checks = new Prerequisites();
        try {
            requireAllowed(item, operation);
            return checks.met("The state of the item allows it");
        } catch (FailureException e) {
            return checks.failed("The state of the item allows it", e.failure().code(), e.failure().message());
        }
    }
}
