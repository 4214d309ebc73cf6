package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;

/** What a person reads of a VM names it as that person does. */
class MachineNamesTest {
    private final VmId web = VmId.random();
    private final VmId other = VmId.random();
    private final MachineNames names = new MachineNames();

    @Test
    void callsVmsByTheirNamesAsFarAsTheyAreKnown() {
        assertThat(names.in("stop VM " + web)).isEqualTo("stop VM " + web);
        names.are(List.of(new VirtualMachine(
                web, "web$1", VirtualMachine.PowerState.RUNNING, List.of(), List.of())));
        assertThat(names.in("delete checkpoint a-1 of VM " + web + " and VM " + other))
                .isEqualTo("delete checkpoint a-1 of VM web$1 and VM " + other);
    }

    @Test
    void aFailureKeepsItsCodeAndWhatToDo() {
        names.are(List.of(new VirtualMachine(
                web, "web01", VirtualMachine.PowerState.RUNNING, List.of(), List.of())));
        FailureException failure = FailureException.of(FailureCode.STATE_FORBIDS, "VM " + web + " runs.", "Stop it.");
        assertThat(names.in(failure).failure().message()).isEqualTo("VM web01 runs.");
        assertThat(names.in(failure).failure().code()).isEqualTo(FailureCode.STATE_FORBIDS);
        assertThat(names.in(failure).failure().recommendedAction()).isEqualTo("Stop it.");
        assertThat(names.in(failure)).hasCause(failure);
    }
}
