package org.understudy.vault.job;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.understudy.api.JobView;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobAction;
import org.understudy.workflow.JobFilter;
import org.understudy.workflow.Jobs;

/** REST of jobs (J-03): to look, and to cancel, restart or resume by whoever may start such a job. */
public final class JobResource implements Resource {
    private static final int AT_MOST = 200;

    private final Jobs jobs;
    private final Map<String, JobRule> rules;

    public JobResource(Jobs jobs, List<JobRule> rules) {
        this.jobs = jobs;
        this.rules = rules.stream().collect(Collectors.toUnmodifiableMap(JobRule::type, Function.identity()));
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/jobs", Role.READER, Set.of("object", "active", "limit", "name"), this::list);
        routes.get("/jobs/{job}", Role.READER, request -> view(job(request)));
        routes.post("/jobs/{job}/cancel", Role.OPERATOR, "Cancel a job", request ->
                view(jobs.cancel(asked(request).id())));
        routes.post("/jobs/{job}/restart", Role.OPERATOR, "Restart a job", request ->
                view(jobs.restart(asked(request).id(), this::requireRestartable)));
        routes.post("/jobs/{job}/resume", Role.OPERATOR, "Resume a job", request ->
                view(jobs.resume(asked(request).id(), "resumed by " + request.caller().name(),
                        this::requireResumable)));
    }

    private Object list(Request request) {
        int limit = request.number("limit", 1, 1000).orElse((long) AT_MOST).intValue();
        return jobs.list(new JobFilter(request.query("object"), request.flag("active"), limit)).stream()
                .filter(job -> request.query("name").map(job.type()::equals).orElse(true))
                .map(this::view).toList();
    }

    private Job job(Request request) {
        return jobs.get(request.path("job", JobId::parse));
    }

    /** The job that somebody wants to act on, who may have started it. */
    private Job asked(Request request) {
        Job job = job(request);
        request.concerns(job.type() + " of " + job.target().name());
        JobRule rule = rules.get(job.type());
        if (rule != null && !request.caller().role().allows(rule.role())) {
            throw FailureException.of(FailureCode.NOT_PERMITTED,
                    "%s takes the role %s, which token %s does not have.".formatted(
                            job.type(), rule.role(), request.caller().name()));
        }
        return job;
    }

    private void requireRestartable(Job job) {
        if (!mayRestart(job)) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "%s of %s cannot go on where it ended: %s has moved on"
                    .formatted(job.type(), job.target().name(), job.target().name()), "Start it anew instead.");
        }
    }

    private void requireResumable(Job job) {
        if (!mayResume(job)) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "%s of %s goes on by another operation".formatted(
                    job.type(), job.target().name()), "Ask for what the item allows, such as cleaning its test up.");
        }
    }

    private boolean mayRestart(Job job) {
        JobRule rule = rules.get(job.type());
        return rule == null || rule.mayRestart().test(job);
    }

    private boolean mayResume(Job job) {
        JobRule rule = rules.get(job.type());
        return rule != null && rule.mayResume().test(job);
    }

    private JobView view(Job job) {
        Set<JobAction> actions = EnumSet.noneOf(JobAction.class);
        for (JobAction action : job.allowedActions()) {
            boolean sensible = switch (action) {
                case CANCEL -> true;
                case RESTART -> mayRestart(job);
                case RESUME -> mayResume(job);
            };
            if (sensible) {
                actions.add(action);
            }
        }
        return JobViews.of(job, actions);
    }
}
