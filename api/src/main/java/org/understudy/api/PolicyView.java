package org.understudy.api;

import org.understudy.model.PolicyId;

/** A replication policy. */
public record PolicyView(PolicyId id, String name, PolicySettings settings) {}
