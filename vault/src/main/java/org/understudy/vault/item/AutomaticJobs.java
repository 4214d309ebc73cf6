package org.understudy.vault.item;

import java.util.Set;
import org.understudy.workflow.Job;

/** The jobs that the vault begins by itself. None of them stands in the way of a person's request. */
public final class AutomaticJobs {
    public static final String FINALIZE = "Finalize protection on the virtual machine";
    public static final String UPDATE_SETTINGS = "Update replication settings";

    private static final Set<String> ALL = Set.of(FINALIZE, UPDATE_SETTINGS);

    private AutomaticJobs() {}

    public static boolean contain(Job job) {
        return ALL.contains(job.type());
    }
}
