package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/** What every reader of firmware state does, over a VM with UEFI variables and a TPM 2.0 that keep nothing yet. */
public abstract class FirmwareReaderContract {
    protected static final byte[] BOOT_ENTRY = {1, 2, 3};
    protected static final byte[] SEALED = {4, 5, 6, 7};

    protected abstract FirmwareReader reader();

    protected abstract VmId vm();

    /** The firmware or the TPM writes that, and some time passes. */
    protected abstract void writes(Kind kind, byte[] content) throws Exception;

    @Test
    void readsWhatFirmwareAndModuleKeep() throws Exception {
        writes(Kind.UEFI_VARIABLES, BOOT_ENTRY);
        assertThat(held(Optional.empty()).bundle()).isEqualTo(bundle(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY)));

        writes(Kind.TPM_2, SEALED);
        assertThat(held(Optional.empty()).bundle())
                .isEqualTo(bundle(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY, Kind.TPM_2, SEALED)));
    }

    @Test
    void holdsNothingOfAMachineThatKeepsNothingYet() throws Exception {
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.NONE);
    }

    @Test
    void answersTheEarlierLookAsLongAsNobodyWrote() throws Exception {
        writes(Kind.UEFI_VARIABLES, BOOT_ENTRY);
        FirmwareReading.Held first = held(Optional.empty());

        assertThat(first.imprint()).isPresent();
        assertThat(reader().read(vm(), Optional.of(first))).isSameAs(first);
    }

    @Test
    void seesWhatWasWrittenSinceTheEarlierLook() throws Exception {
        writes(Kind.UEFI_VARIABLES, BOOT_ENTRY);
        writes(Kind.TPM_2, SEALED);
        FirmwareReading.Held first = held(Optional.empty());
        byte[] later = {7, 6, 5, 4};

        writes(Kind.TPM_2, later);

        FirmwareReading.Held second = held(Optional.of(first));
        assertThat(second.bundle()).isEqualTo(bundle(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY, Kind.TPM_2, later)));
        assertThat(second.imprint()).isNotEqualTo(first.imprint());
    }

    @Test
    void saysThatAMachineIsNotThere() {
        assertThatThrownBy(() -> reader().read(VmId.random(), Optional.empty())).isInstanceOfSatisfying(
                FailureException.class,
                e -> assertThat(e.failure().code()).isEqualTo(FailureCode.VM_NOT_FOUND_AT_SOURCE));
    }

    protected final FirmwareReading.Held held(Optional<FirmwareReading.Held> last) throws Exception {
        FirmwareReading reading = reader().read(vm(), last);
        assertThat(reading).isInstanceOf(FirmwareReading.Held.class);
        return (FirmwareReading.Held) reading;
    }

    protected static FirmwareBundle bundle(Map<Kind, byte[]> parts) {
        return FirmwareBundle.of(parts);
    }
}
