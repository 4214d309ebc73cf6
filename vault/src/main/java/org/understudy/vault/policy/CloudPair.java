package org.understudy.vault.policy;

import org.understudy.model.CloudId;
import org.understudy.model.CloudPairId;
import org.understudy.model.PolicyId;

/**
 * A cloud pair: VMs of either cloud may replicate to the other as the policy says.
 *
 * @param source the one that was named first, when the pair was made
 */
public record CloudPair(CloudPairId id, String name, CloudId source, CloudId target, PolicyId policy) {
    /** To where VMs of one of the two clouds replicate. */
    public CloudId other(CloudId cloud) {
        return cloud.equals(source) ? target : source;
    }

    /** Whether it leads from one cloud to another, in one direction or the other. */
    public boolean joins(CloudId from, CloudId to) {
        return source.equals(from) && target.equals(to) || source.equals(to) && target.equals(from);
    }
}
