package org.understudy.hypervisor;

import org.junit.jupiter.api.BeforeEach;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.VmId;

/** That of tests keeps the contract of the real one. */
class FirmwareInMemoryTest extends FirmwareStoreContract {
    private final FirmwareInMemory firmware = new FirmwareInMemory();
    private final VmId vm = VmId.random();

    @BeforeEach
    void addMachine() {
        firmware.add(vm);
    }

    @Override
    protected FirmwareStore store() {
        return firmware;
    }

    @Override
    protected VmId vm() {
        return vm;
    }

    @Override
    protected void writes(Kind kind, byte[] content) {
        firmware.write(vm, kind, content);
    }
}
