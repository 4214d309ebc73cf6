package org.understudy.hypervisor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.ByteCount;
import org.w3c.dom.Element;

/**
 * What of a VM's firmware state can be used where the VM is planned for, and in sentences why something cannot be.
 *
 * @param told what the source told; empty when nobody has been asked yet
 * @param copy whether it is planned as another than itself, as for a test
 * @param variableBytes how long variables are there
 */
record CarriedFirmware(
        MachineRequest request, Optional<FirmwareBundle> told, boolean copy, Optional<Set<Long>> variableBytes) {
    private static final String FRESH = "boot entries, Secure Boot keys and settings are those of fresh firmware.";
    private static final String EMPTY = "an empty one takes its place, without keys that were sealed in it (BitLocker, "
            + "LUKS).";
    private static final String ENDING = "_VARS.fd";
    /** Of 255, with room for the ending of one that is set aside. */
    private static final int FILE_NAME_BYTES_MAX = 220;

    /** @param told as its source told the definition, with its own UUID in it */
    static CarriedFirmware of(
            CarriedMachine carried, XmlDocument told, MachineRequest request, TargetCapabilities capabilities) {
        boolean copy = !told.first("uuid").map(XmlDocument::ownText).orElse("")
                .equalsIgnoreCase(request.id().toString());
        return new CarriedFirmware(request, carried.firmware(), copy,
                capabilities.emulation().flatMap(TargetCapabilities.Emulation::variableBytes));
    }

    /** As libvirt would name it, unless it is not the VM itself, or libvirt's name is none for a file. */
    private Path file() {
        String usual = request.name() + ENDING;
        boolean plain = !usual.contains("/") && !usual.startsWith(".")
                && usual.getBytes(StandardCharsets.UTF_8).length <= FILE_NAME_BYTES_MAX;
        return copy || !plain ? FirmwarePlacement.variablesOfCopy(request.id())
                : FirmwarePlacement.VARIABLES_FOLDER.resolve(usual);
    }

    /** Where the variables are to lie that it has; empty when it has none. */
    Optional<Path> variables() {
        return told.filter(bundle -> bundle.kinds().contains(Kind.UEFI_VARIABLES)).map(_ -> file());
    }

    /** Why the VM has fresh variables, for a person; empty when it has its own, or may have. */
    Optional<String> whyNoVariables(Element os) {
        Optional<String> never = variablesElsewhere(os);
        if (never.isPresent()) {
            return Optional.of("Its UEFI variables are not carried, for they lie " + never.get() + ": " + FRESH);
        }
        if (told.isEmpty()) {
            return Optional.empty();
        }
        long length = told.get().length(Kind.UEFI_VARIABLES);
        if (length == 0) {
            return Optional.of("Its source has told no UEFI variables of this point: " + FRESH);
        }
        return variableBytes.filter(lengths -> !lengths.equals(Set.of(length))).map(_ -> "Its UEFI variables ("
                + new ByteCount(length) + ") are of another firmware than the host's: " + FRESH + " Install the same "
                + "there (the package ovmf, or edk2-ovmf).");
    }

    /** Where variables lie that are in no plain file. */
    private static Optional<String> variablesElsewhere(Element os) {
        if (XmlDocument.first(os, "varstore").isPresent()) {
            return Optional.of("in a store of QEMU's own (varstore)");
        }
        String format = XmlDocument.attribute(os, "nvram", "format").orElse("raw");
        if (!format.equals("raw")) {
            return Optional.of("in an image of the format " + format);
        }
        String type = XmlDocument.attribute(os, "nvram", "type").orElse("file");
        return type.equals("file") ? Optional.empty() : Optional.of("in no file of its host (" + type + ")");
    }

    /** Why an emulated TPM begins empty, for a person; empty when it has its state, or may have. */
    Optional<String> whyEmptyModule(Element backend) {
        boolean encrypted = XmlDocument.first(backend, "encryption").isPresent();
        boolean elsewhere = XmlDocument.attribute(backend, "source", "type").filter(type -> !type.equals("dir"))
                .isPresent();
        if (encrypted || elsewhere) {
            return Optional.of("Its TPM is not carried, for its state " + (encrypted
                    ? "is encrypted with a secret of its host: " : "lies in no folder of its host: ") + EMPTY);
        }
        return told.filter(bundle -> !bundle.kinds().contains(module(backend)))
                .map(_ -> "Its source has told no TPM state of this point: " + EMPTY);
    }

    /** Whether there is state for it. */
    boolean hasModule(Element backend) {
        return told.filter(bundle -> bundle.kinds().contains(module(backend))).isPresent();
    }

    /** Which TPM a definition asks for. */
    static Kind module(Element backend) {
        return backend.getAttribute("version").equals("1.2") ? Kind.TPM_1_2 : Kind.TPM_2;
    }

    /** What is laid down of it. */
    FirmwarePlacement placement(Set<Kind> placed) {
        return new FirmwarePlacement(request.id(), placed.contains(Kind.UEFI_VARIABLES) ? Optional.of(file())
                : Optional.empty(), told.map(bundle -> bundle.only(placed)).orElse(FirmwareBundle.NONE));
    }
}
