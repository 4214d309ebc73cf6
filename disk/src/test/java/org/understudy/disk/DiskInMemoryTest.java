package org.understudy.disk;

/** The disk in memory is held to what the real one promises. */
class DiskInMemoryTest extends CaptureDiskContract {
    private final DiskInMemory disk = new DiskInMemory(SIZE);

    @Override
    protected void write(long offset, byte[] bytes) {
        disk.write(offset, bytes);
    }

    @Override
    protected CaptureDisk point() {
        return disk.point();
    }
}
