package org.understudy.api;

import java.util.Optional;

/**
 * Protects a VM (E-01).
 *
 * @param machine name or id
 * @param host name or id of its host; needed only when several hosts have a VM of that name
 * @param targetHost name or id; without one a suitable host of the target cloud is chosen (N-09)
 */
public record ProtectRequest(String machine, Optional<String> host, Optional<String> targetHost) {
    /** The usual request. */
    public static ProtectRequest of(String machine) {
        return new ProtectRequest(machine, Optional.empty(), Optional.empty());
    }
}
