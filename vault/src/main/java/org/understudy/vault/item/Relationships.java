package org.understudy.vault.item;

import org.understudy.model.CloudId;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.Policy;
import org.understudy.vault.policy.PolicyStore;

/** The relationships of items as they are set up now: the cloud pair, its policy, and the agents at both ends. */
public record Relationships(CloudPairStore pairs, PolicyStore policies, Agents agents) {
    public CloudPair pair(ProtectedItem item) {
        return pairs.get(item.route().pair());
    }

    /** Whether the item's pair lets VMs of one cloud replicate to another. */
    public boolean join(ProtectedItem item, CloudId from, CloudId to) {
        return pair(item).joins(from, to);
    }

    public Policy policy(ProtectedItem item) {
        return policies.get(pair(item).policy());
    }

    /** What both agents are told of the item's relationship. */
    public RelationshipWords words(ProtectedItem item) {
        return new RelationshipWords(
                item, agents.get(item.route().source()), agents.get(item.route().target()), policy(item));
    }
}
