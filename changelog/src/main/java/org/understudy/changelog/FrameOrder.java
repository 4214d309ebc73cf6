package org.understudy.changelog;

import org.understudy.model.Extent;

/** What the frames of one log add up to so far, and whether they ascend within the disk. */
final class FrameOrder {
    private final long diskSize;
    private long end;
    private long frames;
    private long dataBytes;
    private long zeroBytes;

    FrameOrder(long diskSize) {
        this.diskSize = diskSize;
    }

    /** The same so far; the two then go on apart. */
    FrameOrder copy() {
        FrameOrder copy = new FrameOrder(diskSize);
        copy.end = end;
        copy.frames = frames;
        copy.dataBytes = dataBytes;
        copy.zeroBytes = zeroBytes;
        return copy;
    }

    boolean allows(Extent extent) {
        return extent.offset() >= end && extent.end() <= diskSize;
    }

    /** Where a frame may lie now, for messages. */
    String allowed() {
        return end + " to " + diskSize;
    }

    void add(boolean data, Extent extent) {
        end = extent.end();
        frames++;
        if (data) {
            dataBytes += extent.length();
        } else {
            zeroBytes += extent.length();
        }
    }

    long frames() {
        return frames;
    }

    long dataBytes() {
        return dataBytes;
    }

    long zeroBytes() {
        return zeroBytes;
    }
}
