package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.understudy.model.Extent;

/** An extent set is a set of bytes. */
class ExtentSetTest {
    @Property(tries = 100)
    void knowsWhatItLacksAsASetOfBytesDoes(@ForAll List<@IntRange(max = 4095) Integer> numbers) {
        ExtentSet set = new ExtentSet();
        BitSet model = new BitSet();
        for (int number : numbers) {
            Extent extent = new Extent(number % 64, 1 + number / 256);
            BitSet lacking = new BitSet();
            set.lackingOf(extent).forEach(part -> lacking.set((int) part.offset(), (int) part.end()));
            BitSet expected = new BitSet();
            expected.set((int) extent.offset(), (int) extent.end());
            expected.andNot(model);
            assertThat(lacking).isEqualTo(expected);
            set.add(extent);
            model.set((int) extent.offset(), (int) extent.end());
        }
        assertThat(set.extents()).hasSize((int) model.stream().filter(i -> i == 0 || !model.get(i - 1)).count());
    }
}
