package org.understudy.vault.inventory;

import org.understudy.model.SiteId;

/** A site: the hosts that fail together. */
public record Site(SiteId id, String name) {}
