package org.understudy.vault.policy;

import java.util.Set;
import org.understudy.api.CloudPairRequest;
import org.understudy.api.CloudPairView;
import org.understudy.api.Named;
import org.understudy.model.CloudId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.name.ObjectName;

/** REST of cloud pairs. */
public final class CloudPairResource implements Resource {
    private final CloudPairStore pairs;
    private final CloudStore clouds;
    private final PolicyStore policies;

    public CloudPairResource(CloudPairStore pairs, CloudStore clouds, PolicyStore policies) {
        this.pairs = pairs;
        this.clouds = clouds;
        this.policies = policies;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/cloud-pairs", Role.READER, Set.of("name"), request -> pairs.list().stream()
                .filter(pair -> request.query("name").map(pair.name()::equals).orElse(true))
                .map(this::view).toList());
        routes.get("/cloud-pairs/{pair}", Role.READER, request -> view(pairs.named(request.path("pair"))));
        routes.post("/cloud-pairs", Role.CONTRIBUTOR, "Associate replication policy", this::create);
        routes.delete("/cloud-pairs/{pair}", Role.CONTRIBUTOR, "Disassociate replication policy", this::delete);
    }

    private Object create(Request request) {
        CloudPairRequest asked = request.body(CloudPairRequest.class);
        if (asked.source() == null || asked.target() == null || asked.policy() == null) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "a cloud pair needs a source cloud, a target cloud and a policy");
        }
        Cloud source = clouds.named(asked.source());
        Cloud target = clouds.named(asked.target());
        ObjectName name = new ObjectName(asked.name().orElse(source.name() + "-to-" + target.name()));
        request.concerns("cloud pair " + name);
        return Answer.created(view(pairs.create(name, source, target, policies.named(asked.policy()))));
    }

    private Object delete(Request request) {
        CloudPair pair = pairs.named(request.path("pair"));
        request.concerns("cloud pair " + pair.name());
        pairs.delete(pair);
        return null;
    }

    private CloudPairView view(CloudPair pair) {
        Policy policy = policies.get(pair.policy());
        return new CloudPairView(pair.id(), pair.name(), cloud(pair.source()), cloud(pair.target()),
                new Named<>(policy.id(), policy.name()));
    }

    private Named<CloudId> cloud(CloudId id) {
        return new Named<>(id, clouds.get(id).name());
    }
}
