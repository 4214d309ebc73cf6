package org.understudy.api;

import java.util.Optional;

/**
 * Replicates a VM that was failed over back (RR-01). Where the VM is defined at the host that gets the replica, its
 * disks there become the replica's; else a replica is made, and all that the disks hold is sent.
 *
 * @param host name or id of a host of the cloud from which it was failed over; that very host when left out
 */
public record ReverseRequest(Optional<String> host) {}
