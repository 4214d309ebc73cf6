package org.understudy.lab;

import org.understudy.model.ByteCount;

/**
 * How large a lab guest is and how busy.
 *
 * @param recordsPerSecond 0 for as many as its disks take
 */
public record GuestSize(ByteCount memory, ByteCount firstDisk, ByteCount secondDisk, int recordsPerSecond) {
    public static final GuestSize SMALL = new GuestSize(
            ByteCount.ofMebibytes(128), ByteCount.ofMebibytes(512), ByteCount.ofMebibytes(256), 50);

    public GuestSize withDisks(ByteCount first, ByteCount second) {
        return new GuestSize(memory, first, second, recordsPerSecond);
    }

    public GuestSize withRecordsPerSecond(int rate) {
        return new GuestSize(memory, firstDisk, secondDisk, rate);
    }
}
