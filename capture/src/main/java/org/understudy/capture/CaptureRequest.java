package org.understudy.capture;

import java.util.Objects;
import java.util.Optional;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdDevice;

/**
 * One disk to capture, at the point in time that its NBD export shows.
 *
 * @param device connected with {@link BlockStatus#BASE_ALLOCATION}, and with {@code dirtyContext} if there is one
 * @param dirtyContext the bitmap of what changed since the position before; needed as soon as anything is covered
 * @param target what the replica holds in the slice that is added
 * @param known hashes of what the replica holds, where the slice has not been: what is equal there is left out
 */
public record CaptureRequest(NbdDevice device, Optional<String> dirtyContext, CaptureRange range,
                             TargetContent target, Optional<BlockTable> known) {
    /** One of whose replica no hashes are known. */
    public CaptureRequest(NbdDevice device, Optional<String> dirtyContext, CaptureRange range, TargetContent target) {
        this(device, dirtyContext, range, target, Optional.empty());
    }

    public CaptureRequest {
        Objects.requireNonNull(known, "known");
        Objects.requireNonNull(target, "target");
        if (range.coveredAfter().compareTo(device.size()) > 0) {
            throw new IllegalArgumentException("%s of %s cannot be covered".formatted(range.coveredAfter(), device));
        }
        if (range.coveredBefore().bytes() > 0 && dirtyContext.isEmpty()) {
            throw new IllegalArgumentException("without a dirty bitmap nobody knows what changed on " + device);
        }
        requireKnown(device, BlockStatus.BASE_ALLOCATION);
        dirtyContext.ifPresent(context -> requireKnown(device, context));
    }

    private static void requireKnown(NbdDevice device, String context) {
        if (!device.knows(context)) {
            throw new IllegalArgumentException("%s does not offer %s".formatted(device, context));
        }
    }
}
