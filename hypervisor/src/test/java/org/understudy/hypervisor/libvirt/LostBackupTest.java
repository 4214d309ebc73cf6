package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** What a person is told of a libvirt that was killed while a backup began: nothing but the VM's end helps. */
class LostBackupTest {
    private static final int VIR_ERR_INTERNAL_ERROR = 1;

    @Test
    void saysThatTheVmHasToBeOffOnce() {
        Failure told = LibvirtConnection.refused("look for backups of VM web01", new LibvirtException(
                VIR_ERR_INTERNAL_ERROR, 10, "internal error: backup job data missing")).failure();
        assertThat(told.code()).isEqualTo(FailureCode.HYPERVISOR_REFUSED);
        assertThat(told.message()).contains("VM web01", "before the VM was off once", "backup job data missing");
        assertThat(told.recommendedAction()).contains("virsh shutdown", "virsh start");
    }
}
