package org.understudy.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.AgentConfig;
import org.understudy.disk.EmulatorAccount;
import org.understudy.model.HostFact;
import org.understudy.model.HostFact.Verdict;

/** A look at a host says of each thing yes, no or unknown, and what to do; it never fails. */
class HostCheckTest {
    private static final String SCHEMA = """
            {"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}, "package": "Debian"}}}
            {"return": [{"name": "block-dirty-bitmap-merge", "meta-type": "command"}, {"name": "nbd-server-start"},
              {"values": ["copy-before-write"]}%s]}
            """;

    @TempDir
    private Path folder;

    @Test
    void aHostWithoutLibvirtIsToldSo() {
        List<HostFact> facts = new HostCheck(new AgentConfig(folder, folder.resolve("replicas"), 8084),
                "qemu+unix:///system?socket=" + folder.resolve("none"), Optional.empty(),
                Clock.systemUTC()).facts();

        assertThat(facts).filteredOn(fact -> fact.subject().equals("libvirt")).singleElement().satisfies(fact -> {
            assertThat(fact.hinders()).isTrue();
            assertThat(fact.whatToDo()).contains("systemctl start");
        });
        assertThat(facts).filteredOn(fact -> fact.subject().equals("vault"))
                .extracting(HostFact::verdict).containsExactly(Verdict.UNKNOWN);
        assertThat(facts).allSatisfy(fact -> assertThat(fact.fact()).endsWith("."));
    }

    @Test
    void readsWhatAnEmulatorCanDoAndNotItsVersion() {
        assertThat(EmulatorFacts.in("/usr/bin/qemu", SCHEMA.formatted(", {\"name\": \"on-cbw-error\"}")))
                .allMatch(fact -> fact.verdict() == Verdict.YES)
                .anyMatch(fact -> fact.fact().contains("10.0.13"));
        assertThat(EmulatorFacts.in("/usr/bin/qemu", SCHEMA.formatted("").replace("nbd-server-start", "other")))
                .filteredOn(fact -> fact.verdict() == Verdict.NO)
                .extracting(HostFact::subject, HostFact::hinders)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("QEMU: export of disks", true));
    }

    /** What QEMU could do and we never ask it for is no comfort to whoever reads the facts. */
    @Test
    void saysNothingOfWhatReplicationDoesNotUse() {
        assertThat(EmulatorFacts.in("/usr/bin/qemu", SCHEMA.formatted(", {\"name\": \"on-cbw-error\"}")))
                .isEqualTo(EmulatorFacts.in("/usr/bin/qemu", SCHEMA.formatted("")))
                .noneMatch(fact -> fact.subject().contains("errors") || fact.fact().contains("on-cbw-error"));
    }

    @Test
    void anEmulatorThatIsNotThereIsNeeded() {
        assertThat(EmulatorFacts.of(folder.resolve("none").toString())).singleElement()
                .satisfies(fact -> assertThat(fact.hinders()).isTrue());
    }

    @Test
    void kvmThatIsOfferedAndDoesNotWorkIsNone() {
        assertThat(HostCheck.kvm(true, Optional.empty()).verdict()).isEqualTo(Verdict.YES);
        assertThat(HostCheck.kvm(true, Optional.of("failed to initialize kvm: Permission denied")))
                .matches(fact -> fact.verdict() == Verdict.NO && !fact.hinders())
                .extracting(HostFact::fact).asString().contains("Permission denied", "emulated, slowly");
        assertThat(HostCheck.kvm(false, Optional.empty()).verdict()).isEqualTo(Verdict.NO);
    }

    @Test
    void aFolderThatIsNotThereYetIsJudgedByItsParents() throws Exception {
        assertThat(PathFacts.of("replicas", folder.resolve("a/b"), EmulatorAccount.own(), true))
                .extracting(HostFact::subject).containsExactly("replicas: QEMU's way", "replicas: room");
    }

    @Test
    void countsInodesWhereAFileSystemHasAny() {
        assertThat(PathFacts.freeInodes("12/34\n")).contains(12L);
        assertThat(PathFacts.freeInodes("0/0")).isEmpty();
        assertThat(PathFacts.freeInodes("?")).isEmpty();
    }

    @Test
    void aFullFolderHindersAndATightOneIsTold() {
        assertThat(room(61L << 20, 100_000, true).hinders()).isTrue();
        assertThat(room(61L << 20, 100_000, false).hinders()).as("a VM's own images").isFalse();
        assertThat(room(1L << 40, 0, true).hinders()).as("no inodes").isTrue();
        assertThat(room(1L << 30, 100_000, true))
                .matches(fact -> fact.verdict() == Verdict.NO && !fact.hinders()).extracting(HostFact::fact)
                .asString().startsWith("1.0 GiB and 100000 inodes are free");
        assertThat(room(1L << 40, 100_000, true).verdict()).isEqualTo(Verdict.YES);
    }

    private HostFact room(long bytes, long inodes, boolean needed) {
        return PathFacts.room("replicas: room", folder, new PathFacts.Room(bytes, Optional.of(inodes)), needed);
    }

    @Test
    void clocksThatAreApartAreTold() {
        Instant now = Instant.parse("2026-11-28T00:00:00Z");

        assertThat(VaultFacts.apart(Optional.of(now.minusSeconds(2)), now).verdict()).isEqualTo(Verdict.YES);
        assertThat(VaultFacts.apart(Optional.of(now.plusSeconds(60)), now).fact()).contains("60 s");
        assertThat(VaultFacts.apart(Optional.empty(), now).verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void aLocaleWithoutLettersIsTold() {
        assertThat(HostCheck.fileNames(StandardCharsets.UTF_8).verdict()).isEqualTo(Verdict.YES);
        assertThat(HostCheck.fileNames(StandardCharsets.US_ASCII).whatToDo()).contains("C.UTF-8");
    }
}
