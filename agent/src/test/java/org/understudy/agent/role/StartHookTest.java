package org.understudy.agent.role;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.role.HostRoles.Machine;
import org.understudy.agent.role.StartHook.State;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.disk.HostProgram;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** The very script that libvirt runs, with what libvirt gives it. */
class StartHookTest {
    @TempDir
    private Path folder;
    private final Machine web01 = new Machine(ItemId.random(), VmId.random(), "web01");
    private HostRoles roles;
    private StartHook hook;
    private RoleStore store;

    @BeforeEach
    void begin() throws IOException {
        // A folder that a shell would take apart.
        Path agent = folder.resolve("an agent's $HOME");
        store = new RoleStore(agent);
        roles = new HostRoles(store, new NotingHypervisor(web01.vm()).end(), Clock.systemUTC());
        Files.createDirectory(folder.resolve("libvirt"));
        hook = new StartHook(folder.resolve("libvirt/hooks/qemu.d/understudy"), RoleStore.folder(agent));
        assertThat(hook.install()).isEqualTo(State.AS_IT_SHOULD_BE);
    }

    private HostProgram.Answer asked(String name, String operation, String moment, String definition)
            throws IOException {
        return HostProgram.run(Duration.ofSeconds(30), definition,
                List.of(hook.file().toString(), name, operation, moment, "-"));
    }

    private HostProgram.Answer starts(String definition) throws IOException {
        return asked("web01", "prepare", "begin", definition);
    }

    private String definition(VmId vm, String metadata) {
        return "<domain type='kvm'>\n  <name>web01</name>\n  <uuid>" + vm + "</uuid>\n  <title>t</title>\n"
                + "  <metadata>\n" + metadata + "  </metadata>\n  <memory unit='KiB'>65536</memory>\n</domain>\n";
    }

    private void leaveBehind() throws IOException {
        roles.told(new ToldRole(
                web01.vm(), web01.item(), "web01", MachineRole.LEFT_BEHIND, "amsterdam", Instant.EPOCH,
                store.find(web01.vm()).map(note -> note.held().since())));
    }

    @Test
    void anOldCopyDoesNotStartAndWhoeverTriesReadsWhy() throws IOException {
        leaveBehind();
        HostProgram.Answer answer = starts(definition(web01.vm(), ""));
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.complaint()).startsWith("VM web01 was failed over to amsterdam on 1970-01-01 00:00 UTC;")
                .contains("understudy agent release web01");
    }

    @Test
    void itStartsOnceItWasReleased() throws IOException {
        leaveBehind();
        roles.release(store.find(web01.vm()).orElseThrow(), new Deed("anna", "it burnt down", Optional.empty()));
        assertThat(starts(definition(web01.vm(), "")).words()).isEmpty();
    }

    @Test
    void othersAndTestsAndFailedOverVmsStart() throws IOException {
        roles.replica(web01);
        assertThat(starts(definition(web01.vm(), "")).succeeded()).isFalse();
        assertThat(starts(definition(VmId.random(), "")).succeeded()).as("its test is another VM").isTrue();
        roles.runningReplica(web01, Optional.empty());
        assertThat(starts(definition(web01.vm(), carried("running-replica"))).succeeded()).isTrue();
        roles.source(web01);
        assertThat(starts(definition(web01.vm(), "")).succeeded()).isTrue();
        assertThat(starts("").succeeded()).as("nothing is known of a VM without a definition").isTrue();
    }

    @Test
    void anOldCopyIsStoppedAtNothingElse() throws IOException {
        leaveBehind();
        for (String[] moment : new String[][] {{"start", "begin"}, {"stopped", "end"}, {"release", "end"},
                {"reconnect", "begin"}, {"prepare", "end"}}) {
            assertThat(asked("web01", moment[0], moment[1], definition(web01.vm(), "")).succeeded()).isTrue();
        }
    }

    @Test
    void aTornNoteKeepsItsVmFromStarting() throws IOException {
        Files.writeString(hook.roles().resolve(web01.vm().toString()), "version=1\nrole=");
        assertThat(starts(definition(web01.vm(), "")).complaint()).contains("cannot be read", web01.vm().toString());
        Files.writeString(hook.roles().resolve(web01.vm().toString()), "version=2\nrole=source\n");
        assertThat(starts(definition(web01.vm(), "")).succeeded()).isFalse();
    }

    @Test
    void theNoteThatAVmCarriesCountsWhereTheFolderOfTheAgentWasLost() throws IOException {
        assertThat(starts(definition(web01.vm(), carried("left-behind"))).complaint()).contains("runs at another host");
        roles.source(web01);
        assertThat(starts(definition(web01.vm(), carried("left-behind"))).succeeded()).as("strictest").isFalse();
    }

    @Test
    void hostileNamesAndDefinitionsAreText() throws IOException {
        leaveBehind();
        Path touched = folder.resolve("touched");
        String hostile = "$(touch " + touched + ");`touch " + touched + "`\n../../etc";
        assertThat(asked(hostile, "prepare", "begin", definition(web01.vm(), "")).succeeded()).isFalse();
        // Another VM's UUID in what others wrote, in a place where libvirt keeps white space and CDATA as they are.
        String fake = "    <x:y xmlns:x='u'><![CDATA[\n  <uuid>" + VmId.random() + "</uuid>\n]]></x:y>\n";
        assertThat(starts(definition(web01.vm(), fake)).succeeded()).isFalse();
        assertThat(starts(definition(VmId.random(), "  <uuid>" + web01.vm() + "</uuid>\n")).succeeded()).isTrue();
        assertThat(starts("  <uuid>../../../../../../etc/passwd/aaaaaaaaaaaa</uuid>\n").succeeded()).isTrue();
        assertThat(starts(("<a>" + hostile + "</a>\n").repeat(50_000)).succeeded()).isTrue();
        assertThat(touched).doesNotExist();
    }

    @Test
    void isLaidOverNothingOfOthersAndOverAnOlderOneOfItsOwn() throws IOException {
        Files.writeString(hook.file(), "#!/bin/sh\n# Understudy: an older one\n");
        assertThat(hook.state()).isEqualTo(State.MISSING);
        assertThat(hook.install()).isEqualTo(State.AS_IT_SHOULD_BE);
        assertThat(hook.file()).isExecutable().content().contains("prepare begin");
        Files.writeString(hook.file(), "#!/bin/sh\n# another program's\n");
        assertThat(hook.install()).isEqualTo(State.ANOTHERS);
        assertThat(hook.file()).content().contains("another program's");
        assertThat(new StartHook(folder.resolve("no/hooks/qemu.d/understudy"), folder).install())
                .isEqualTo(State.NO_LIBVIRT);
    }

    @Test
    void answersTheTrialThatTellsWhetherLibvirtAsks() throws IOException {
        assertThat(asked(StartHook.TRIAL, "prepare", "begin", "").complaint().strip()).isEqualTo(StartHook.TRIAL_SAYS);
    }

    private static String carried(String role) {
        return "    <understudy:role xmlns:understudy=\"https://understudy.example/xmlns/role/1\" value=\"" + role
                + "\"/>\n";
    }
}
