package org.understudy.api;

import java.util.Optional;

/**
 * Disables protection.
 *
 * @param deleteReplica whether the replica's disks and points are deleted; left out it is as the policy says
 * @param forget remove the item from the vault even where an agent cannot be reached ("stop managing the machine")
 */
public record DisableRequest(Optional<Boolean> deleteReplica, Optional<Boolean> forget) {
    /** As the policy says. */
    public static DisableRequest asPolicySays() {
        return new DisableRequest(Optional.empty(), Optional.empty());
    }
}
