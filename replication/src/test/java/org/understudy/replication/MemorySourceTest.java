package org.understudy.replication;

/** The source of the driver's tests keeps the promises of a real one. */
class MemorySourceTest extends SourceEndContract {
    private final MemorySource source = new MemorySource(new ManualPace(), 2);

    @Override
    protected SourceEnd source() {
        return source;
    }

    @Override
    protected void loseTrack() {
        source.loseTrack();
    }

    @Override
    protected void keep(int what) {
        source.keep(what == 0 ? new byte[0] : new byte[] {(byte) what});
    }

    @Override
    protected void loseLogs() {
        source.loseLogs();
    }
}
