package org.understudy.vault.network;

import org.understudy.model.NetworkMappingId;
import org.understudy.model.SiteId;

/** A network mapping: an ordered pair of networks of two sites (N-01). */
public record NetworkMapping(
        NetworkMappingId id, SiteId sourceSite, String sourceNetwork, SiteId targetSite, String targetNetwork) {}
