package org.understudy.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** A guest's disk in memory, of which points in time are taken; it knows changes in blocks of 4 KiB. */
public final class DiskInMemory {
    /** Changes are known in blocks of so many bytes. */
    public static final int BLOCK = 4096;

    private final byte[] content;
    private Optional<BitSet> dirty = Optional.empty();

    public DiskInMemory(int size) {
        this.content = new byte[size];
    }

    public void write(long offset, byte[] bytes) {
        System.arraycopy(bytes, 0, content, (int) offset, bytes.length);
        dirty.ifPresent(blocks ->
                blocks.set((int) offset / BLOCK, Math.ceilDiv((int) offset + bytes.length, BLOCK)));
    }

    public byte[] content() {
        return content.clone();
    }

    /** As it is now; it knows what changed since the point before, if there was one. */
    public CaptureDisk point() {
        CaptureDisk point = at(content.clone(), dirty.map(blocks -> (BitSet) blocks.clone()));
        dirty = Optional.of(new BitSet());
        return point;
    }

    /** A disk of this content of which these blocks changed since the point before, if that is known. */
    public static CaptureDisk at(byte[] content, Optional<BitSet> changed) {
        return new Point(content, changed);
    }

    private record Point(byte[] content, Optional<BitSet> dirty) implements CaptureDisk {
        @Override
        public ByteCount size() {
            return new ByteCount(content.length);
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            requireInside(offset, target.remaining());
            target.put(content, (int) offset, target.remaining());
        }

        @Override
        public Iterable<Part> parts(Extent within) {
            requireInside(within.offset(), within.length());
            List<Part> parts = new ArrayList<>();
            for (Extent block : blocks(within)) {
                parts.add(new Part(block, isZero(block)));
            }
            return parts;
        }

        @Override
        public boolean knowsChanges() {
            return dirty.isPresent();
        }

        @Override
        public Iterable<Extent> changed(Extent within) {
            BitSet blocks = dirty.orElseThrow(() -> new IllegalStateException("nobody knows what changed"));
            requireInside(within.offset(), within.length());
            return blocks(within).stream().filter(block -> blocks.get((int) (block.offset() / BLOCK))).toList();
        }

        @Override
        public void close() {
            // Nothing is held open in memory.
        }

        /** The blocks of an extent, the first and the last as far as they lie in it. */
        private static List<Extent> blocks(Extent within) {
            List<Extent> blocks = new ArrayList<>();
            for (long at = within.offset(); at < within.end();) {
                long end = Math.min((at / BLOCK + 1) * BLOCK, within.end());
                blocks.add(new Extent(at, end - at));
                at = end;
            }
            return blocks;
        }

        private boolean isZero(Extent part) {
            return Arrays.equals(content, (int) part.offset(), (int) part.end(),
                    new byte[(int) part.length()], 0, (int) part.length());
        }

        private void requireInside(long offset, long length) {
            if (offset < 0 || length < 0 || offset > content.length - length) {
                throw new IllegalArgumentException("range at %d of %d bytes lies outside".formatted(offset, length));
            }
        }
    }
}
