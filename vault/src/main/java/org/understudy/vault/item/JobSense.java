package org.understudy.vault.item;

import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.understudy.api.Operation;
import org.understudy.model.ItemId;
import org.understudy.workflow.Job;

/** Whether a job that ended would still make sense on its item as it stands now. */
public record JobSense(ProtectedItemStore items, TestFailoverStore tests) {
    /** As long as the item exists. */
    public Predicate<Job> always() {
        return onItem((job, item) -> true);
    }

    /** As long as the item is in such a state. */
    public Predicate<Job> in(Predicate<ProtectionState> states) {
        return onItem((job, item) -> states.test(item.state()));
    }

    /** As long as the operation would be allowed to begin. */
    public Predicate<Job> whileAllowed(Operation operation) {
        return onItem((job, item) -> allows(item, operation));
    }

    /** Whether the test that the job began is still open, or was not begun and may be. */
    public boolean goesOnWithItsTest(Job job) {
        return onItem((same, item) -> tests.of(item.id()).map(test -> test.job().equals(job.id()))
                .orElseGet(() -> allows(item, Operation.TEST_FAILOVER) && job.currentStep() == 0)).test(job);
    }

    /** Whether no test of the item is open. */
    public boolean hasNoTest(Job job) {
        return tests.of(ItemId.parse(job.target().id())).isEmpty();
    }

    private boolean allows(ProtectedItem item, Operation operation) {
        return AllowedOperations.in(item.state(), tests.of(item.id()).isPresent()).contains(operation);
    }

    private Predicate<Job> onItem(BiPredicate<Job, ProtectedItem> sense) {
        return job -> {
            Optional<ProtectedItem> item = items.find(ItemId.parse(job.target().id()));
            return item.isPresent() && sense.test(job, item.get());
        };
    }
}
