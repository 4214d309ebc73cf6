package org.understudy.api;

/** Maps a network of one site to a network of another; a mapping of the same source network is replaced (N-06). */
public record NetworkMappingRequest(
        String sourceSite, String sourceNetwork, String targetSite, String targetNetwork) {}
