package org.understudy.capture;

import org.understudy.model.ByteCount;

/**
 * What one capture found on one disk.
 *
 * @param changedBytes dirty by the bitmap within what was covered before, in the bitmap's granularity
 * @param sliceBytes allocated in the slice that was added
 * @param dataBytes of both, what was content and is in the log, before compression
 * @param zeroBytes of both, what is zero and is said so in the log
 * @param comparedBytes of the slice, what was compared with hashes of what the target holds
 * @param equalBytes of that, what is equal there and is not in the log
 */
public record CaptureSummary(ByteCount changedBytes, ByteCount sliceBytes, ByteCount dataBytes, ByteCount zeroBytes,
                             ByteCount comparedBytes, ByteCount equalBytes) {
}
