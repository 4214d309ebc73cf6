package org.understudy.api;

/** Makes a site. */
public record SiteRequest(String name) {}
