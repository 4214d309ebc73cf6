package org.understudy.replica;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.understudy.model.Extent;

/**
 * Which bytes of one disk were written, exactly, in memory that has a bound: whole pages are bits, what lies within a
 * page is a range. Pages are 4 KiB on disks up to half a TiB and larger on larger ones, so that the bits of a disk are
 * 16 MiB at most. For one thread.
 */
final class WrittenBytes {
    private static final int PAGE_BITS_MIN = 12;
    private static final int PAGES_BITS_MAX = 27;
    /** Pages that share one set of bits, which is made when the first of them is written. */
    private static final int CHUNK_BITS = 16;

    private final int pageBits;
    private final Map<Long, BitSet> pages = new HashMap<>();
    private final ExtentSet within = new ExtentSet();

    WrittenBytes(long diskSize) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, diskSize - 1));
        this.pageBits = Math.max(PAGE_BITS_MIN, bits - PAGES_BITS_MAX);
    }

    void add(Extent extent) {
        long firstWhole = (extent.offset() + (1L << pageBits) - 1) >> pageBits;
        long endWhole = extent.end() >> pageBits;
        if (firstWhole >= endWhole) {
            within.add(extent);
            return;
        }
        for (long page = firstWhole; page < endWhole; page++) {
            pages.computeIfAbsent(page >> CHUNK_BITS, _ -> new BitSet()).set((int) (page & (1 << CHUNK_BITS) - 1));
        }
        addWithin(extent.offset(), firstWhole << pageBits);
        addWithin(endWhole << pageBits, extent.end());
    }

    private void addWithin(long from, long to) {
        if (from < to) {
            within.add(new Extent(from, to - from));
        }
    }

    /** The parts of {@code extent} that were not written, in ascending order. */
    List<Extent> lackingOf(Extent extent) {
        List<Extent> lacking = new ArrayList<>();
        for (Extent part : within.lackingOf(extent)) {
            long at = part.offset();
            while (at < part.end()) {
                boolean written = isWritten(at >> pageBits);
                long end = Math.min(part.end(), ((at >> pageBits) + 1) << pageBits);
                while (end < part.end() && isWritten(end >> pageBits) == written) {
                    end = Math.min(part.end(), end + (1L << pageBits));
                }
                if (!written) {
                    lacking.add(new Extent(at, end - at));
                }
                at = end;
            }
        }
        return lacking;
    }

    private boolean isWritten(long page) {
        BitSet chunk = pages.get(page >> CHUNK_BITS);
        return chunk != null && chunk.get((int) (page & (1 << CHUNK_BITS) - 1));
    }

    /** How many ranges are held besides the pages. */
    int ranges() {
        return within.size();
    }

    /** Forgets what lies at or behind the middle of the ranges; answers where that begins. */
    long forgetUpperHalf() {
        long from = within.forgetUpperHalf();
        long page = from >> pageBits;
        pages.keySet().removeIf(chunk -> chunk > page >> CHUNK_BITS);
        BitSet last = pages.get(page >> CHUNK_BITS);
        if (last != null) {
            // Not the page itself: what lies in it before the range is remembered by its bit alone.
            last.clear((int) (page & (1 << CHUNK_BITS) - 1) + 1, 1 << CHUNK_BITS);
        }
        return from;
    }
}
