/**
 * A client of the Network Block Device protocol over a unix socket, for what QEMU and nbdkit serve: fixed newstyle
 * handshake, structured replies, meta contexts, many requests in flight.
 *
 * <p>The source of rules is {@code doc/proto.md} of the NetworkBlockDevice project; constants carry its names. A server
 * is not believed: every length, offset and id it sends is checked before memory is taken or a byte is stored.
 *
 * <p>{@link org.understudy.nbd.NbdDevice} is the door. Below it: {@code NbdHandshake} agrees on an export,
 * {@code NbdConnection} sends requests and keeps the table of those in flight, {@code NbdReplyReader} takes replies
 * apart on a thread of its own.
 */
package org.understudy.nbd;
