package org.understudy.bench;

/**
 * One failover that was measured.
 *
 * @param disk size of the VM's first disk
 * @param point which of its recovery points it was started from
 * @param seconds from the start of the command line's process to QEMU's running guest
 * @param secondsToVault of these, until the vault had taken the request
 * @param secondsOfQemu what {@code virsh start} of the same VM took by itself right afterwards
 * @param steps how long each step of the job took, for people
 */
record RecoveryTime(
        String disk, String point, double seconds, double secondsToVault, double secondsOfQemu, String steps) {}
