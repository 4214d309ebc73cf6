package org.understudy.api;

/**
 * What the vault's PostgreSQL says of itself, asked for this answer; {@code on} and {@code off} as it words them.
 *
 * @param embedded whether it is the vault's own
 */
public record DatabaseView(
        boolean embedded, String serverVersion, String fsync, String synchronousCommit, String fullPageWrites) {}
