package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.VmId;

/**
 * What the firmware and the TPM of a planned VM are to find at its first start, and where.
 *
 * @param vm as which it will be defined
 * @param variables the file that its definition names for UEFI variables, on its host; there when the bundle has some
 * @param bundle of what its definition has a use for, and nothing else
 */
public record FirmwarePlacement(VmId vm, Optional<Path> variables, FirmwareBundle bundle) {
    /** Where libvirt keeps UEFI variables. */
    public static final Path VARIABLES_FOLDER = Path.of("/var/lib/libvirt/qemu/nvram");

    public FirmwarePlacement {
        Objects.requireNonNull(vm, "vm");
        if (variables.isPresent() != bundle.kinds().contains(Kind.UEFI_VARIABLES)) {
            throw new IllegalArgumentException("variables need a place, and a place variables: " + bundle);
        }
    }

    /** Nothing: they begin empty, or with what the host has. */
    public static FirmwarePlacement none(VmId vm) {
        return new FirmwarePlacement(vm, Optional.empty(), FirmwareBundle.NONE);
    }

    /** The file of a VM whose identity is ours alone; for a test. */
    public static Path variablesOfCopy(VmId vm) {
        return VARIABLES_FOLDER.resolve(vm + "_VARS.fd");
    }
}
