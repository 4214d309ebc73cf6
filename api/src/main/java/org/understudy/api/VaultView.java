package org.understudy.api;

import java.time.Instant;
import org.understudy.model.VaultId;

/** The vault as a whole: who it is, how much it keeps, and whether its database keeps that through a power cut. */
public record VaultView(
        VaultId id, String name, String version, Instant now, int sites, int hosts, int items, int activeJobs,
        DatabaseView database) {}
