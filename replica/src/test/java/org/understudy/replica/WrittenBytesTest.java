package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.understudy.model.Extent;

/** What was written is a set of bytes, whatever the pages. */
class WrittenBytesTest {
    private static final int DISK = 1 << 17;

    @Property(tries = 100)
    void knowsWhatItLacksAsASetOfBytesDoes(@ForAll List<@IntRange(max = (1 << 29) - 1) Integer> numbers) {
        WrittenBytes written = new WrittenBytes(DISK);
        BitSet model = new BitSet();
        for (int number : numbers) {
            int at = (number >> 12) % DISK;
            // Some on the borders of pages, as disks have them.
            at = number % 3 == 0 ? at & -4096 : at;
            int length = Math.min(DISK - at, 1 + (number % 5 == 0 ? 8191 : number & 4095));
            Extent extent = new Extent(at, length);
            BitSet lacking = new BitSet();
            written.lackingOf(extent).forEach(part -> lacking.set((int) part.offset(), (int) part.end()));
            BitSet expected = new BitSet();
            expected.set(at, at + length);
            expected.andNot(model);
            assertThat(lacking).isEqualTo(expected);
            written.add(extent);
            model.set(at, at + length);
        }
    }

    /** As a database of 700 GiB leaves it, where each page of 64 KiB was written or not by chance. */
    @Tag("slow")
    @Test
    void holdsMillionsOfRangesInBits() {
        WrittenBytes written = new WrittenBytes(700L << 30);
        for (long page = 0; page < 700L << 14; page += 2) {
            written.add(new Extent(page << 16, 1 << 16));
        }
        assertThat(written.ranges()).isZero();
        assertThat(written.lackingOf(new Extent(0, 3 << 16))).containsExactly(new Extent(1 << 16, 1 << 16));
    }
}
