package org.understudy.vault.policy;

import java.util.Optional;
import java.util.Set;
import org.understudy.api.PolicyRequest;
import org.understudy.api.PolicySettings;
import org.understudy.api.PolicyView;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.name.ObjectName;

/** REST of replication policies. */
public final class PolicyResource implements Resource {
    private final PolicyStore policies;

    public PolicyResource(PolicyStore policies) {
        this.policies = policies;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/policies", Role.READER, Set.of("name"), request -> policies.list().stream()
                .filter(policy -> request.query("name").map(policy.name()::equals).orElse(true))
                .map(PolicyResource::view).toList());
        routes.get("/policies/{policy}", Role.READER, request -> view(policies.named(request.path("policy"))));
        routes.post("/policies", Role.CONTRIBUTOR, "Create replication policy", this::create);
        routes.put("/policies/{policy}", Role.CONTRIBUTOR, "Change replication policy", this::change);
        routes.delete("/policies/{policy}", Role.CONTRIBUTOR, "Delete replication policy", this::delete);
    }

    private Object create(Request request) {
        PolicyRequest asked = request.body(PolicyRequest.class);
        ObjectName name = new ObjectName(asked.name());
        request.concerns("policy " + name);
        return Answer.created(view(policies.create(name, settings(asked, Policy.USUAL))));
    }

    private Object change(Request request) {
        Policy policy = policies.named(request.path("policy"));
        request.concerns("policy " + policy.name());
        PolicyRequest asked = request.body(PolicyRequest.class);
        Optional<ObjectName> name = Optional.ofNullable(asked.name()).map(ObjectName::new);
        return view(policies.change(policy, now -> new Policy(now.id(), name.map(ObjectName::value)
                .orElse(now.name()), settings(asked, now.settings()))));
    }

    private Object delete(Request request) {
        Policy policy = policies.named(request.path("policy"));
        request.concerns("policy " + policy.name());
        policies.delete(policy);
        return null;
    }

    private static PolicySettings settings(PolicyRequest asked, PolicySettings otherwise) {
        return new PolicySettings(
                asked.copyFrequency().orElse(otherwise.copyFrequency()),
                asked.standardPoints().orElse(otherwise.standardPoints()),
                asked.recentWindow().orElse(otherwise.recentWindow()),
                asked.applicationConsistentHours().orElse(otherwise.applicationConsistentHours()),
                asked.compression().orElse(otherwise.compression()),
                asked.deleteReplica().orElse(otherwise.deleteReplica()));
    }

    private static PolicyView view(Policy policy) {
        return new PolicyView(policy.id(), policy.name(), policy.settings());
    }
}
