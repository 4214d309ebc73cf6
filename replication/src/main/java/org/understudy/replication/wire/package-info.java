/**
 * The wire between two agents: one TLS 1.3 connection with certificates on both sides for each protected item, from
 * the source, which calls, to the target, which answers. The bytes are described in
 * {@code docs/formats/replication-wire.md}.
 *
 * <p>A connection goes: {@code HELLO} → {@code WELCOME}; then for each segment {@code SEGMENT}, {@code DATA} …,
 * {@code SEGMENT_END} → {@code DURABLE}; after all disks of a position {@code ACKNOWLEDGE} → {@code ACKNOWLEDGED}.
 * Either side sends {@code PULSE} when it has sent nothing else for a while, and takes the link as lost when it hears
 * nothing. The target may answer anything with {@code FAILED}, which ends the connection.
 *
 * <p>Everything that comes from the network is bounded before memory is given to it and checked before it is believed;
 * before the peer has proved its certificate and greeted, it costs a virtual thread or two and small buffers for ten
 * seconds at most.
 */
package org.understudy.replication.wire;
