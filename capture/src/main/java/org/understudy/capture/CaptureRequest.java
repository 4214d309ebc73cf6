package org.understudy.capture;

import java.util.Objects;
import java.util.Optional;
import org.understudy.disk.CaptureDisk;

/**
 * One disk to capture, at its point in time.
 *
 * @param disk knows what changed as soon as anything is covered, unless that is settled
 * @param target what the replica holds in the slice that is added
 * @param known hashes of what the replica holds, where the slice has not been: what is equal there is left out
 */
public record CaptureRequest(CaptureDisk disk, CaptureRange range, TargetContent target, Optional<BlockTable> known) {
    /** One of whose replica no hashes are known. */
    public CaptureRequest(CaptureDisk disk, CaptureRange range, TargetContent target) {
        this(disk, range, target, Optional.empty());
    }

    public CaptureRequest {
        Objects.requireNonNull(known, "known");
        Objects.requireNonNull(target, "target");
        if (range.coveredAfter().compareTo(disk.size()) > 0) {
            throw new IllegalArgumentException("%s of %s cannot be covered".formatted(range.coveredAfter(), disk));
        }
        if (range.coveredBefore().bytes() > 0 && !disk.knowsChanges() && !range.settled()) {
            throw new IllegalArgumentException("without a dirty bitmap nobody knows what changed on " + disk);
        }
    }
}
