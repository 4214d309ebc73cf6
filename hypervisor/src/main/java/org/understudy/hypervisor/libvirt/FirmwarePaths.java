package org.understudy.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/**
 * In which files of its host a VM's firmware variables and TPM state lie, by what its definition says and by libvirt's
 * usual places; what is no plain file of a format that can be carried is not among them.
 */
final class FirmwarePaths {
    private static final String RAW = "raw";

    private FirmwarePaths() {}

    /** @param live as the VM runs, or as it is defined when it is off */
    static Map<Kind, Path> of(XmlDocument live) {
        Map<Kind, Path> paths = new EnumMap<>(Kind.class);
        live.first("os").filter(FirmwarePaths::keepsVariables).flatMap(os -> variables(live, os))
                .ifPresent(file -> paths.put(Kind.UEFI_VARIABLES, file));
        live.all("devices/tpm").stream().findFirst().flatMap(tpm -> XmlDocument.first(tpm, "backend"))
                .ifPresent(backend -> module(live, backend, paths));
        return paths;
    }

    private static boolean keepsVariables(Element os) {
        Optional<Element> loader = XmlDocument.first(os, "loader");
        boolean flash = loader.filter(found -> found.getAttribute("type").equals("pflash")).isPresent();
        boolean stateless = loader.filter(found -> found.getAttribute("stateless").equals("yes")).isPresent();
        return !stateless && (flash || os.getAttribute("firmware").equals("efi"))
                && XmlDocument.first(os, "varstore").isEmpty();
    }

    private static Optional<Path> variables(XmlDocument live, Element os) {
        Optional<Element> nvram = XmlDocument.first(os, "nvram");
        boolean raw = nvram.flatMap(found -> XmlDocument.attribute(found, "format")).orElse(RAW).equals(RAW);
        boolean file = nvram.flatMap(found -> XmlDocument.attribute(found, "type")).orElse("file").equals("file");
        if (!raw || !file) {
            return Optional.empty();
        }
        return nvram.flatMap(found -> XmlDocument.attribute(found, "source", "file")
                        .or(() -> Optional.of(found.getTextContent().strip())))
                .filter(named -> named.startsWith("/")).map(Path::of)
                // libvirt 9.0 notes the place that it chose in no definition but that of the running VM.
                .or(() -> usual(MachineReader.text(live, "name")));
    }

    private static Optional<Path> usual(String name) {
        return name.isEmpty() || name.contains("/") ? Optional.empty()
                : Optional.of(FirmwarePlacement.VARIABLES_FOLDER.resolve(name + "_VARS.fd"));
    }

    private static void module(XmlDocument live, Element backend, Map<Kind, Path> paths) {
        boolean carried = backend.getAttribute("type").equals("emulator")
                && XmlDocument.first(backend, "encryption").isEmpty();
        Optional<Element> source = XmlDocument.first(backend, "source");
        boolean folder = source.isEmpty() || Set.of("", "dir").contains(source.get().getAttribute("type"));
        if (!carried || !folder) {
            return;
        }
        boolean old = backend.getAttribute("version").equals("1.2");
        Path usual = LibvirtFolders.module(VmId.parse(MachineReader.text(live, "uuid")))
                .resolve(folderName(old ? Kind.TPM_1_2 : Kind.TPM_2));
        Path in = source.flatMap(found -> XmlDocument.attribute(found, "path")).filter(named -> named.startsWith("/"))
                .map(Path::of).orElse(usual);
        paths.put(old ? Kind.TPM_1_2 : Kind.TPM_2, in.resolve(fileName(old ? Kind.TPM_1_2 : Kind.TPM_2)));
    }

    /** The name of the folder in that of a VM. */
    static String folderName(Kind module) {
        return switch (module) {
            case TPM_2 -> "tpm2";
            case TPM_1_2 -> "tpm1.2";
            case UEFI_VARIABLES -> throw new IllegalArgumentException("no TPM");
        };
    }

    /** The name under which swtpm keeps what outlives a start of the VM. */
    static String fileName(Kind module) {
        return switch (module) {
            case TPM_2 -> "tpm2-00.permall";
            case TPM_1_2 -> "tpm-00.permall";
            case UEFI_VARIABLES -> throw new IllegalArgumentException("no TPM");
        };
    }
}
