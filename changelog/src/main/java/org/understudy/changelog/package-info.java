/**
 * The change log, version 1: what changed on one disk from one position to another, in one file.
 *
 * <p>The same format serves change logs ({@code .hrl}: the new content) and undo logs ({@code .hru}: the old). A file
 * is a header, frames, and a footer; nothing follows the footer. All numbers are big-endian and unsigned unless said
 * otherwise; every checksum is CRC-32C. The page for people of other languages is {@code docs/formats/change-log.md}.
 *
 * <pre>
 * header, 104 bytes
 * offset size field
 *      0    8 magic: 89 48 52 4C 0D 0A 1A 0A
 *      8    2 version: 1
 *     10    2 header length, this table with its checksum: 104
 *     12    1 consistency: 0 partial, 1 crash, 2 application
 *     13    1 length of the disk name: 1 to 16
 *     14   16 disk name, ASCII, the rest zero
 *     30    2 zero
 *     32   16 VM: its UUID
 *     48    8 generation: 1 or more
 *     56    8 sequence: 1 or more
 *     64    8 previous sequence: less than sequence
 *     72    8 disk size in bytes
 *     80    8 covered: how far initial replication has come after this log, at most the disk size
 *     88    8 captured at, seconds since 1970-01-01T00:00:00Z (signed)
 *     96    4 captured at, nanoseconds: 0 to 999,999,999
 *    100    4 checksum of bytes 0 to 99
 *
 * frame, 24 bytes and the stored bytes
 *      0    1 kind: 1 data, 2 zero
 *      1    1 codec: 0 plain, 1 zstd; 0 for kind zero
 *      2    2 zero
 *      4    4 length in the disk: data 1 to 1,048,576, zero 1 to 1,073,741,824
 *      8    8 offset in the disk
 *     16    4 stored length: plain = length; zstd 1 to length - 1; zero 0
 *     20    4 checksum of bytes 0 to 19 and the stored bytes
 *     24    n stored bytes; zstd: one zstd frame that decodes to exactly length bytes
 *
 * footer, 48 bytes
 *      0    1 kind: 3
 *      1    7 zero
 *      8    8 number of frames
 *     16    8 data bytes: the sum of the lengths of data frames
 *     24    8 zero bytes: the sum of the lengths of zero frames
 *     32    4 checksum of all bytes of the file before this field
 *     36    4 zero
 *     40    8 magic inverted: 76 B7 AD B3 F2 F5 E5 F5
 * </pre>
 *
 * <p>Frames ascend and do not overlap: each begins at or after the end of the one before. All end within the disk size.
 *
 * <p><b>Versions.</b> Magic, version, header length and a checksum in the header's last four bytes are the same in
 * every version to come, with a header of 16 to 4,096 bytes; so a damaged header and a new one are told apart.
 *
 * <p><b>Torn and corrupt.</b> A log is <em>open</em> while it is written or received. Its end may be torn: it is cut at
 * the end of the last whole frame with a right checksum and goes on from there. A <em>closed</em> log has its footer
 * and its final name; whatever is wrong in it is corruption, is reported with file, offset, expected and found, and is
 * never guessed around.
 */
package org.understudy.changelog;
