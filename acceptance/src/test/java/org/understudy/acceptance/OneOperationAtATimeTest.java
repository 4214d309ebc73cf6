package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** One operation at a time on a protected item; who comes second is told which one came first (P-50). */
@Order(2)
class OneOperationAtATimeTest {
    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("story");

    @Test
    void aSecondJobIsRefusedAndNamesTheFirstAndTheFirstGoesOn() throws IOException {
        LAB.protect();
        JobView first = LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated());

        assertThatExceptionOfType(FailureException.class)
                .isThrownBy(() -> LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated()))
                .satisfies(refused -> saysWhatIsInProgress(refused, first));
        assertThatExceptionOfType(FailureException.class)
                .isThrownBy(() -> LAB.vault().disable(LAB.vm(), DisableRequest.asPolicySays()))
                .satisfies(refused -> saysWhatIsInProgress(refused, first));

        LAB.suspended(first);
        assertThat(LAB.vault().jobs(Optional.of(LAB.item().id().toString()), true))
                .extracting(JobView::id).containsExactly(first.id());
        LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.of("done"))));
        LAB.succeeded(first);
    }

    private static void saysWhatIsInProgress(FailureException refused, JobView first) {
        assertThat(refused.failure().code()).isEqualTo(FailureCode.OPERATION_IN_PROGRESS);
        assertThat(refused.failure().message())
                .contains("An operation is in progress").contains(first.name()).contains(first.id().toString());
    }
}
