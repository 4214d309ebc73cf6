package org.understudy.api;

import org.understudy.model.CloudId;
import org.understudy.model.CloudPairId;
import org.understudy.model.PolicyId;

/** A cloud pair: VMs of the source cloud may replicate to the target cloud, as the policy says (P-14). */
public record CloudPairView(
        CloudPairId id, String name, Named<CloudId> source, Named<CloudId> target, Named<PolicyId> policy) {}
