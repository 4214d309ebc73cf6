package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.FirmwareStore;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.VmId;

/** The firmware variables and TPM states of a libvirt host's VMs, in the files that libvirt gave them. */
final class LibvirtFirmware implements FirmwareStore {
    private final LiveDefinitions definitions;
    private final LibvirtFolders folders;
    private final FirmwareFiles files;
    private final FirmwarePlacer placer;

    /** How VMs are just now. */
    @FunctionalInterface
    interface LiveDefinitions {
        /** As the VM runs, or as it is defined when it is off; VM_NOT_FOUND_AT_SOURCE when it is not there. */
        XmlDocument of(VmId vm) throws IOException;
    }

    LibvirtFirmware(LiveDefinitions definitions, LibvirtFolders folders, Clock clock) {
        this.definitions = definitions;
        this.folders = folders;
        this.files = new FirmwareFiles(clock);
        this.placer = new FirmwarePlacer(folders, clock);
    }

    /** Of the VMs that a connection reaches. */
    static LibvirtFirmware of(LibvirtConnection connection, LibvirtFolders folders, Clock clock) {
        return new LibvirtFirmware(vm -> connection.callDomain("read how VM " + vm + " runs", vm,
                domain -> XmlDocument.parse(LibvirtLibrary.virDomainGetXMLDesc(domain, 0))), folders, clock);
    }

    @Override
    public FirmwareReading read(VmId vm, Optional<FirmwareReading.Held> last) throws IOException {
        Map<Kind, Path> paths = FirmwarePaths.of(definitions.of(vm));
        paths.replaceAll((_, file) -> folders.seen(file));
        return files.read(paths, last);
    }

    @Override
    public List<String> place(FirmwarePlacement placement, Optional<FirmwareBundle> known) throws IOException {
        return placer.place(placement, known);
    }

    @Override
    public void takeBack(FirmwarePlacement placement) throws IOException {
        placer.takeBack(placement);
    }

    @Override
    public void remove(VmId vm) throws IOException {
        placer.remove(vm);
    }
}
