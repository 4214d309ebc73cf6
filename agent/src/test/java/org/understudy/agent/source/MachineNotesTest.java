package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.MachineState;
import org.understudy.replication.StateDigest;

/** What a source notes of what its VM's firmware keeps, and of which instant. */
class MachineNotesTest {
    @TempDir
    private Path folder;
    private SourceInMemory memory;
    private MachineNotes notes;

    @BeforeEach
    void begin() throws IOException {
        memory = new SourceInMemory(folder);
        notes = new MachineNotes(SourceInMemory.ID, memory.host, new RelationshipStore(folder.resolve("agent")));
    }

    @AfterEach
    void end() {
        memory.close();
    }

    private Optional<MachineNotes.Seen> look() throws IOException {
        return notes.look(memory.source().relationship());
    }

    private void note(long sequence, Optional<MachineNotes.Seen> before) throws IOException {
        notes.note(memory.source().relationship(), at(sequence), before);
    }

    private void keeps(long sequence, int what) throws IOException {
        MachineState state = notes.state(at(sequence), Optional.empty()).orElseThrow();
        assertThat(FirmwareBundle.decode(state.bytes()).part(Kind.TPM_2)).contains(new byte[] {(byte) what});
        assertThat(notes.state(at(sequence), Optional.of(state.digest()))).isEmpty();
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }

    @Test
    void theLongestBundleIsCarried() {
        assertThat(FirmwareBundle.BYTES_MAX).isLessThanOrEqualTo(MachineState.BYTES_MAX);
    }

    @Test
    void whatIsWrittenWhileThePointInTimeBeginsCounts() throws IOException {
        memory.host.firmwareKeeps(1);
        Optional<MachineNotes.Seen> before = look();
        memory.host.firmwareKeeps(2);
        note(1, before);
        keeps(1, 2);
    }

    @Test
    void whatWasSeenBeforeCountsWhereItIsWrittenToAllTheTimeThen() throws IOException {
        memory.host.firmwareKeeps(1);
        Optional<MachineNotes.Seen> before = look();
        memory.host.firmware().notNow(Optional.of("it is written to all the time"));
        note(1, before);
        keeps(1, 1);
    }

    @Test
    void whatStoodStandsWhereItCannotBeReadAtAll() throws IOException {
        memory.host.firmwareKeeps(1);
        note(1, look());
        memory.host.firmwareKeeps(2);
        memory.host.firmware().notNow(Optional.of("its file cannot be read"));
        note(2, look());
        keeps(2, 1);
        memory.host.firmware().notNow(Optional.empty());
        note(3, look());
        keeps(3, 2);
        keeps(2, 1);
    }

    @Test
    void whatWasSeenLongAgoIsNotedAgainWhereItIsGone() throws IOException {
        memory.host.firmwareKeeps(1);
        note(5, look());
        note(2, look());
        keeps(2, 1);
        assertThat(notes.state(at(1), Optional.of(StateDigest.OF_NONE))).as("none was noted up to there").isEmpty();
    }

    @Test
    void whatIsChangedAtAMachineThatIsOffIsCapturedOnce() throws Exception {
        memory.source().capture();
        while (memory.source().standing().initial()) {
            memory.source().capture();
            memory.source().acknowledged(memory.source().standing().captured());
        }
        memory.host.shutDown();
        memory.source().capture();
        standsStill();
        memory.host.firmwareKeeps(3);
        memory.source().capture();
        LogPosition newest = memory.source().standing().captured();
        MachineState state = memory.source().machineState(newest, Optional.empty()).orElseThrow();
        assertThat(FirmwareBundle.decode(state.bytes()).part(Kind.TPM_2)).contains(new byte[] {3});
        standsStill();
    }

    private void standsStill() {
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> memory.source().capture())
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.VM_NOT_RUNNING));
    }
}
