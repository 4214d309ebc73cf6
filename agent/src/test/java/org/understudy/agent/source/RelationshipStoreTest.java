package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What a host believes of the folders that it finds. */
class RelationshipStoreTest {
    @TempDir
    private Path folder;

    private final Relationship good = relationship();
    private RelationshipStore store;

    @BeforeEach
    void open() throws Exception {
        store = new RelationshipStore(folder);
        store.begin(good);
    }

    @Test
    void findsTheOthersWhenOneCannotBeRead() throws Exception {
        ItemId broken = ItemId.random();
        Path itsFolder = Files.createDirectory(folder.resolve("relationships").resolve(broken.toString()));
        Files.writeString(itsFolder.resolve("relationship.json"), "{ torn");

        RelationshipStore.Found found = store.all();

        assertThat(found.relationships()).containsExactly(good);
        assertThat(found.unreadable()).singleElement().satisfies(it -> {
            assertThat(it.relationship()).contains(RelationshipId.first(broken));
            assertThat(it.why()).contains("relationship.json");
        });
    }

    @Test
    void keepsTwoDirectionsOfOneItemApart() throws Exception {
        Relationship later = new Relationship(good.item(), 3, good.vm(), good.disks(), good.target(), good.settings());
        store.begin(later);
        store.saveDefinition(later.id(), new LogPosition(3, 1), "<domain/>");
        assertThat(folder.resolve("relationships").resolve(good.item().toString())).isDirectory();
        assertThat(folder.resolve("relationships").resolve(good.item() + ".3")).isDirectory();
        assertThat(store.all().relationships()).containsExactlyInAnyOrder(good, later);
        assertThat(store.all().unreadable()).isEmpty();
        store.end(good);
        store.remove(good.id());
        assertThat(store.find(good.id())).isEmpty();
        assertThat(store.find(later.id())).contains(later);
        assertThat(store.state(later.id()).orElseThrow().captured().position()).isEqualTo(new LogPosition(3, 0));
        assertThat(store.definition(later.id(), new LogPosition(3, 7))).contains("<domain/>");
    }

    @Test
    void keepsWhatTheMachineWasAsLongAsAPositionNeedsIt() throws Exception {
        for (int sequence : new int[] {2, 4, 6}) {
            store.saveDefinition(good.id(), new LogPosition(1, sequence), "<domain id='" + sequence + "'/>");
            store.saveMachineState(good.id(), new LogPosition(1, sequence), new byte[] {(byte) sequence});
        }
        assertThat(store.machineState(good.id(), new LogPosition(1, 1))).isEmpty();
        store.forgetMachineBefore(good.id(), new LogPosition(1, 5));
        assertThat(store.machineState(good.id(), new LogPosition(1, 3))).isEmpty();
        for (int sequence : new int[] {4, 5}) {
            assertThat(Files.readAllBytes(store.machineState(good.id(), new LogPosition(1, sequence)).orElseThrow()))
                    .containsExactly(4);
            assertThat(store.definition(good.id(), new LogPosition(1, sequence))).contains("<domain id='4'/>");
        }
        store.end(good);
        store.remove(good.id());
        assertThat(folder.resolve("relationships")).as("nothing of it stays").isEmptyDirectory();
    }

    @Test
    void doesNotBelieveACopyOfAFolder() throws Exception {
        Path itsFolder = folder.resolve("relationships").resolve(good.item().toString());
        for (String copy : new String[] {good.item() + ".bak", ItemId.random().toString(), good.item() + ".2"}) {
            Path copied = Files.createDirectory(itsFolder.resolveSibling(copy));
            Files.copy(itsFolder.resolve("relationship.json"), copied.resolve("relationship.json"));
        }

        RelationshipStore.Found found = store.all();

        assertThat(found.relationships()).containsExactly(good);
        assertThat(found.unreadable()).hasSize(3).allMatch(
                it -> it.relationship().isEmpty() && it.why().contains("copy"));
    }

    @Test
    void beginsWithARecordSoThatALostOneShows() throws Exception {
        assertThat(store.state(good.id())).contains(SourceState.start(good));
    }

    @Test
    void remembersWhatEndedUntilItsRemainsAreGone() throws Exception {
        store.end(good);
        RelationshipStore reopened = new RelationshipStore(folder);
        assertThat(reopened.all().relationships()).isEmpty();
        assertThat(reopened.ended()).containsExactly(good);
        reopened.remove(good.id());
        assertThat(reopened.ended()).isEmpty();
        assertThat(folder.resolve("relationships")).isEmptyDirectory();
    }

    @Test
    void findsTheOthersThatEndedWhenOneCannotBeRead() throws Exception {
        store.end(good);
        Path itsFolder = Files.createDirectory(folder.resolve("relationships").resolve(ItemId.random().toString()));
        Files.writeString(itsFolder.resolve("ended.json"), "{ torn");
        assertThat(store.ended()).containsExactly(good);
        assertThat(itsFolder.resolve("ended.json")).exists();
    }

    @Test
    void beginsAnewAfterItEnded() throws Exception {
        store.end(good);
        store.begin(good);
        assertThat(store.all().relationships()).containsExactly(good);
        assertThat(store.ended()).isEmpty();
    }

    @Test
    void goesOnWithWhatAnEarlierVersionWrote() throws Exception {
        Path itsFolder = folder.resolve("relationships").resolve(good.item().toString());
        Files.writeString(itsFolder.resolve("relationship.json"), """
                {"item":"%s","generation":1,"vm":"%s","disks":{"vda":{"size":67108864,"folder":"/images"}},
                 "target":{"host":"%s","address":"10.0.0.2","port":8084},
                 "settings":{"copyFrequency":"PT1S","compression":true}}
                """.formatted(good.item(), good.vm(), good.target().host()));
        assertThat(store.all().relationships()).containsExactly(good);
        assertThat(good.name()).isEmpty();
        assertThat(good.paused()).isEqualTo(Optional.empty());
    }

    private static Relationship relationship() {
        return new Relationship(
                ItemId.random(), 1, VmId.random(),
                Map.of(new DiskName("vda"), new Relationship.SourceDisk(ByteCount.ofMebibytes(64), "/images")),
                new TargetAddress(HostId.random(), "10.0.0.2", 8084),
                new ReplicationSettings(Duration.ofSeconds(1), true));
    }
}
