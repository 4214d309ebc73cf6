package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.hypervisor.HostLook;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** One odd or silent VM beside others. */
@Timeout(30)
class MachineRollTest {
    private final VirtualMachine web = machine("web01");
    private final VirtualMachine odd = machine("odd01");
    private final Map<VmId, Future<Optional<VirtualMachine>>> answers = new HashMap<>();
    private final List<VmId> asked = new ArrayList<>();
    private final MachineRoll roll = new MachineRoll(vm -> {
        asked.add(vm);
        return answers.get(vm);
    }, Duration.ofMillis(5));

    private static VirtualMachine machine(String name) {
        return new VirtualMachine(VmId.random(), name, PowerState.RUNNING, List.of(), List.of());
    }

    private void answers(VirtualMachine machine) {
        answers.put(machine.id(), CompletableFuture.completedFuture(Optional.of(machine)));
    }

    @Test
    void showsTheOthersBesideOneThatCannotBeRead() throws InterruptedException {
        answers(web);
        answers.put(odd.id(), CompletableFuture.failedFuture(new InvalidPathException("/B?ro.qcow2", "Malformed")));
        HostLook look = roll.call(List.of(odd.id(), web.id()), 1);
        assertThat(look.machines()).containsExactly(web);
        assertThat(look.troubles()).singleElement().satisfies(told ->
                assertThat(told.message()).startsWith("VM " + odd.id() + " could not be read: Malformed"));
    }

    @Test
    void showsWhatWasKnownOfAVmWhoseQemuHangsAndAsksItNoMoreBeforeItAnswers() throws InterruptedException {
        answers(web);
        answers(odd);
        List<VmId> present = List.of(odd.id(), web.id());
        roll.call(present, 1);
        CompletableFuture<Optional<VirtualMachine>> hangs = new CompletableFuture<>();
        answers.put(odd.id(), hangs);
        roll.call(present, 1);
        asked.clear();
        HostLook look = roll.call(present, 1);
        assertThat(asked).containsExactly(web.id());
        assertThat(look.machines()).containsExactly(odd, web);
        assertThat(look.troubles()).singleElement().satisfies(told ->
                assertThat(told.message()).isEqualTo("VM odd01 does not answer; its QEMU may hang."));
        hangs.complete(Optional.of(odd));
        assertThat(roll.call(present, 1).troubles()).isEmpty();
    }

    @Test
    void asksNoFurtherVmWhileTwoAreSilentAndForgetsThoseThatAreGone() throws InterruptedException {
        List<VmId> present = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            VirtualMachine silent = machine("silent" + i);
            present.add(silent.id());
            answers.put(silent.id(), new CompletableFuture<>());
        }
        assertThat(roll.call(present, 1).troubles()).hasSize(4);
        assertThat(asked).containsExactlyElementsOf(present.subList(0, 2));
        answers(web);
        assertThat(roll.call(List.of(web.id()), 1).machines()).containsExactly(web);
    }
}
