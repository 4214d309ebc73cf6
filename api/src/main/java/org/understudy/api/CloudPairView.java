package org.understudy.api;

import org.understudy.model.CloudId;
import org.understudy.model.CloudPairId;
import org.understudy.model.PolicyId;

/** A cloud pair: VMs of either cloud may replicate to the other, as the policy says (P-14). */
public record CloudPairView(
        CloudPairId id, String name, Named<CloudId> source, Named<CloudId> target, Named<PolicyId> policy) {}
