package org.understudy.lab;

import org.understudy.model.ByteCount;

/**
 * How large a lab guest is and how busy.
 *
 * @param recordsPerSecond 0 for as many as its disks take
 * @param uefi whether it begins by UEFI with Secure Boot and has a TPM
 */
public record GuestSize(
        ByteCount memory, ByteCount firstDisk, ByteCount secondDisk, int recordsPerSecond, boolean uefi) {
    public static final GuestSize SMALL = new GuestSize(
            ByteCount.ofMebibytes(128), ByteCount.ofMebibytes(512), ByteCount.ofMebibytes(256), 50, false);

    public GuestSize withDisks(ByteCount first, ByteCount second) {
        return new GuestSize(memory, first, second, recordsPerSecond, uefi);
    }

    public GuestSize withRecordsPerSecond(int rate) {
        return new GuestSize(memory, firstDisk, secondDisk, rate, uefi);
    }

    /** With Secure Boot and a TPM, and the memory that its kernel needs to begin under such firmware. */
    public GuestSize withUefi() {
        return new GuestSize(ByteCount.ofMebibytes(512), firstDisk, secondDisk, recordsPerSecond, true);
    }
}
