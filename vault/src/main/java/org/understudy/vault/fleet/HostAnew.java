package org.understudy.vault.fleet;

import java.time.Instant;

/**
 * How a host came back that was set up anew.
 *
 * @param peer from where it registered
 * @param replicationAddress where it says that other agents reach it; told to nobody until a person has confirmed it
 */
public record HostAnew(Instant at, String peer, String replicationAddress, int replicationPort) {}
