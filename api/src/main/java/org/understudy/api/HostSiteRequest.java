package org.understudy.api;

/** Assigns a host to a site, by the site's name or id. */
public record HostSiteRequest(String site) {}
