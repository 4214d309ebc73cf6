package org.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a relationship is written, and what is not taken for one. */
class RelationshipIdTest {
    private static final String ITEM = "0b7c1f52-9a1e-4c1c-8f2e-2f1d3c4b5a69";

    @Test
    void isWrittenAsItemAndGeneration() {
        RelationshipId second = RelationshipId.first(ItemId.parse(ITEM)).next();
        assertThat(second).hasToString(ITEM + ".2");
        assertThat(RelationshipId.parse(ITEM + ".2")).isEqualTo(second);
        assertThat(second.start()).isEqualTo(new LogPosition(2, 0));
    }

    @Test
    void hasTheFolderThatHostsHaveSinceTheFirstReleaseInItsFirstGeneration() {
        RelationshipId first = RelationshipId.first(ItemId.parse(ITEM));
        assertThat(first.folderName()).isEqualTo(ITEM);
        assertThat(first.next().folderName()).isEqualTo(ITEM + ".2");
        assertThat(RelationshipId.ofFolder(ITEM)).isEqualTo(first);
        assertThat(RelationshipId.ofFolder(ITEM + ".2")).isEqualTo(first.next());
    }

    @ParameterizedTest
    @ValueSource(strings = {ITEM, ITEM + ".", ITEM + ".0", ITEM + ".02", ITEM + ".+2", ITEM + ".-1", ITEM + ".2.3",
            ITEM + ".1000000000", "1-1-1-1-1.2", ".2", "2"})
    void readsNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> RelationshipId.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {ITEM + ".1", ITEM + ".bak", ITEM + ".filling", "1-1-1-1-1", "lost+found"})
    void takesNoOtherFolderForOneOfItsOwn(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> RelationshipId.ofFolder(name));
    }
}
