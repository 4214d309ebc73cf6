package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;

/** What a person is told of a libvirt that was killed while a backup began: the VM's end alone does not help. */
class LostBackupTest {
    private static final int VIR_ERR_INTERNAL_ERROR = 1;

    @Test
    void saysThatLibvirtHasToBeStartedAnewWhileTheVmIsOff() {
        Failure told = LibvirtConnection.refused("look for backups of VM web01", new LibvirtException(
                VIR_ERR_INTERNAL_ERROR, 10, "internal error: backup job data missing")).failure();
        assertThat(told.code()).isEqualTo(FailureCode.HYPERVISOR_REFUSED);
        assertThat(told.message()).contains("VM web01", "started anew while the VM is off", "backup job data missing");
        assertThat(told.recommendedAction()).containsSubsequence("virsh shutdown", "restart libvirtd", "virsh start");
    }
}
