package org.understudy.vault.job;

import java.util.Set;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobFilter;
import org.understudy.workflow.Jobs;

/** REST of jobs (J-01 to J-06). */
public final class JobResource implements Resource {
    private static final int AT_MOST = 200;

    private final Jobs jobs;

    public JobResource(Jobs jobs) {
        this.jobs = jobs;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/jobs", Role.READER, Set.of("object", "active", "limit", "name"), this::list);
        routes.get("/jobs/{job}", Role.READER, request -> JobViews.of(job(request)));
        routes.post("/jobs/{job}/cancel", Role.OPERATOR, "Cancel a job", request -> {
            Job job = job(request);
            request.concerns(job.type() + " of " + job.target().name());
            return JobViews.of(jobs.cancel(job.id()));
        });
        routes.post("/jobs/{job}/restart", Role.OPERATOR, "Restart a job", request -> {
            Job job = job(request);
            request.concerns(job.type() + " of " + job.target().name());
            return JobViews.of(jobs.restart(job.id()));
        });
    }

    private Object list(Request request) {
        int limit = request.number("limit", 1, 1000).orElse((long) AT_MOST).intValue();
        return jobs.list(new JobFilter(request.query("object"), request.flag("active"), limit)).stream()
                .filter(job -> request.query("name").map(job.type()::equals).orElse(true))
                .map(JobViews::of).toList();
    }

    private Job job(Request request) {
        return jobs.get(request.path("job", JobId::parse));
    }
}
