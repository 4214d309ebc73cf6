package org.understudy.api;

import java.time.Instant;
import org.understudy.model.VaultId;

/** The vault as a whole: who it is, and how much it keeps. */
public record VaultView(
        VaultId id, String name, String version, Instant now, int sites, int hosts, int items, int activeJobs) {}
