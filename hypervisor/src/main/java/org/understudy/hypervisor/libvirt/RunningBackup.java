package org.understudy.hypervisor.libvirt;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.VirtualMachine.PowerState;

/**
 * The backup job that runs on a VM now, as libvirt describes it: whose it is, and the files it works with.
 *
 * @param socket the unix socket of a pull-mode job; empty for other jobs
 * @param place where it serves or writes, for people
 * @param scratch its scratch files
 */
record RunningBackup(Optional<Path> socket, String place, List<Path> scratch) {
    /** Asks for the job first: to ask for a backup that is not there leaves an error in libvirtd's log. */
    static Optional<RunningBackup> of(MemorySegment domain) throws LibvirtException {
        if (!isAnyJobRunning(domain)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(LibvirtBlockLibrary.virDomainBackupGetXMLDesc(domain)));
        } catch (LibvirtException e) {
            if (e.code() == LibvirtBlockLibrary.VIR_ERR_NO_DOMAIN_BACKUP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A backup, or another of libvirt's long jobs: migration, save, dump. */
    static boolean isAnyJobRunning(MemorySegment domain) throws LibvirtException {
        try {
            return LibvirtLibrary.virDomainGetJobType(domain) != LibvirtLibrary.VIR_DOMAIN_JOB_NONE;
        } catch (LibvirtException e) {
            if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
                return false;
            }
            throw e;
        }
    }

    static RunningBackup parse(String text) {
        XmlDocument xml = XmlDocument.parse(text);
        Optional<Path> socket = xml.first("server").flatMap(server -> XmlDocument.attribute(server, "socket"))
                .map(Path::of);
        String tcp = xml.first("server")
                .map(server -> server.getAttribute("name") + ":" + server.getAttribute("port")).orElse("");
        String target = xml.all("disks/disk").stream()
                .flatMap(disk -> XmlDocument.attribute(disk, "target", "file").stream()).findFirst().orElse("");
        String place = socket.map(path -> "serving at " + path)
                .orElseGet(() -> target.isEmpty() ? "serving at " + tcp : "writing to " + target);
        List<Path> scratch = xml.all("disks/disk").stream()
                .flatMap(disk -> XmlDocument.attribute(disk, "scratch", "file").stream()).map(Path::of).toList();
        return new RunningBackup(socket, place, scratch);
    }

    /** Whether Understudy began it. */
    boolean isOurs() {
        return socket.filter(PointInTimeRequest::isOurSocket).isPresent();
    }

    boolean servesAt(Path path) {
        return socket.filter(path::equals).isPresent();
    }
}
