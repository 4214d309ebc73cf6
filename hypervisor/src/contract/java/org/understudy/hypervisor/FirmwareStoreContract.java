package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.FirmwareBundle.Kind;

/** What every store of firmware state does for us beside reading it; its VM's name is {@code web01}. */
public abstract class FirmwareStoreContract extends FirmwareReaderContract {
    private static final FirmwareBundle BOTH = bundle(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY, Kind.TPM_2, SEALED));
    private static final Path FILE = FirmwarePlacement.VARIABLES_FOLDER.resolve("web01_VARS.fd");

    protected abstract FirmwareStore store();

    @Override
    protected final FirmwareReader reader() {
        return store();
    }

    private FirmwarePlacement placement() {
        return new FirmwarePlacement(vm(), Optional.of(FILE), BOTH);
    }

    @Test
    void laysDownWhatTheMachineFinds() throws Exception {
        assertThat(store().place(placement(), Optional.empty())).isEmpty();
        assertThat(held(Optional.empty()).bundle()).isEqualTo(BOTH);
        assertThat(store().place(placement(), Optional.empty())).as("after an attempt that was killed").isEmpty();
        assertThat(held(Optional.empty()).bundle()).isEqualTo(BOTH);
    }

    @Test
    void setsAsideWhatNothingElseHas() throws Exception {
        writes(Kind.UEFI_VARIABLES, new byte[] {9});
        writes(Kind.TPM_2, new byte[] {8, 8});

        assertThat(store().place(placement(), Optional.of(FirmwareBundle.NONE))).hasSize(2)
                .allMatch(sentence -> sentence.contains("set aside"));
        assertThat(held(Optional.empty()).bundle()).isEqualTo(BOTH);
    }

    @Test
    void replacesWhatIsKeptElsewhere() throws Exception {
        writes(Kind.UEFI_VARIABLES, new byte[] {9});
        writes(Kind.TPM_2, new byte[] {8, 8});
        FirmwareBundle known = bundle(Map.of(Kind.UEFI_VARIABLES, new byte[] {9}, Kind.TPM_2, new byte[] {8, 8}));

        assertThat(store().place(placement(), Optional.of(known))).isEmpty();
        assertThat(held(Optional.empty()).bundle()).isEqualTo(BOTH);
    }

    @Test
    void takesBackWhatItLaidDownAndNothingThatWasWrittenSince() throws Exception {
        store().place(placement(), Optional.empty());
        store().takeBack(placement());
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.NONE);
        store().takeBack(FirmwarePlacement.none(vm()));

        store().place(placement(), Optional.empty());
        writes(Kind.UEFI_VARIABLES, new byte[] {9});
        store().takeBack(placement());
        assertThat(held(Optional.empty()).bundle()).isEqualTo(bundle(Map.of(Kind.UEFI_VARIABLES, new byte[] {9})));
    }

    @Test
    void leavesAloneWhatThePlacementDoesNotName() throws Exception {
        writes(Kind.UEFI_VARIABLES, new byte[] {9});

        assertThat(store().place(new FirmwarePlacement(
                vm(), Optional.empty(), BOTH.only(Set.of(Kind.TPM_2))), Optional.empty())).isEmpty();
        assertThat(held(Optional.empty()).bundle())
                .isEqualTo(bundle(Map.of(Kind.UEFI_VARIABLES, new byte[] {9}, Kind.TPM_2, SEALED)));
        assertThat(store().place(FirmwarePlacement.none(vm()), Optional.empty())).isEmpty();
    }
}
