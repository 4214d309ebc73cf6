package org.understudy.api;

import org.understudy.model.NetworkMappingId;
import org.understudy.model.SiteId;

/** A network mapping: where adapters on the source network go after a failover (N-01). */
public record NetworkMappingView(
        NetworkMappingId id, Named<SiteId> sourceSite, String sourceNetwork, Named<SiteId> targetSite,
        String targetNetwork) {}
