package org.understudy.changelog;

import org.understudy.model.ByteCount;

/**
 * What a finished log holds.
 *
 * @param dataBytes bytes of the disk in data frames, before compression
 * @param zeroBytes bytes of the disk in zero frames
 * @param fileBytes the length of the file
 * @param frames how many frames
 */
public record ChangeLogSummary(ByteCount dataBytes, ByteCount zeroBytes, ByteCount fileBytes, long frames) {
}
