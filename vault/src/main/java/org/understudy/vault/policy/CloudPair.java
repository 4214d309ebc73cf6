package org.understudy.vault.policy;

import org.understudy.model.CloudId;
import org.understudy.model.CloudPairId;
import org.understudy.model.PolicyId;

/** A cloud pair: VMs of the source cloud replicate to the target cloud as the policy says. */
public record CloudPair(CloudPairId id, String name, CloudId source, CloudId target, PolicyId policy) {}
