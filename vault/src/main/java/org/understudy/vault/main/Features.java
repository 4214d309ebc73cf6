package org.understudy.vault.main;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.HostAdmission;
import org.understudy.vault.fleet.ReportListener;
import org.understudy.vault.http.Resource;
import org.understudy.workflow.JobType;

/**
 * What the features add to a vault: each wired by hand in {@link #over}, once.
 *
 * @param siteName the name of the site that a name or id means, or NOT_FOUND
 */
public record Features(
        List<Resource> resources, List<ReportListener> listeners, List<JobType> jobTypes, HostAdmission admission,
        UnaryOperator<String> siteName, Supplier<Counts> counts) {
    /** How much the features keep. */
    public record Counts(int sites, int items) {}

    // ---- Features are wired here -----------------------------------------------------------------------------------

    /** All features, over the core. */
    static Features over(Core core) {
        return new Features(
                List.of(),
                List.of(),
                List.of(),
                (host, site) -> { },
                site -> {
                    throw FailureException.of(FailureCode.NOT_FOUND, "there is no site \"" + site + "\"");
                },
                () -> new Counts(0, 0));
    }

    // ----------------------------------------------------------------------------------------------------------------
}
