package org.understudy.api;

import java.time.Instant;

/**
 * How a host came back that was set up anew and that nobody has confirmed yet.
 *
 * @param peer from where it registered
 * @param address where it says that other agents reach it; they are told when it is confirmed
 */
public record HostAnewView(Instant at, String peer, String address, int port) {}
