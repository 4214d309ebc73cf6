package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/**
 * The points in time and checkpoints of one libvirt's VMs: pull-mode backup jobs, told from others' by the names of
 * their sockets and checkpoints. Safe for many threads.
 */
final class LibvirtBackups {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtBackups.class);
    private static final Duration END_POLL = Duration.ofMillis(4);
    private static final Duration END_WAIT_MAX = Duration.ofSeconds(60);
    private static final Duration REFUSAL_BELIEVED_AFTER = Duration.ofSeconds(2);

    private final LibvirtConnection connection;
    private final ExportFolder exports;
    private final Clock clock;

    LibvirtBackups(LibvirtConnection connection, ExportFolder exports, Clock clock) {
        this.connection = connection;
        this.exports = exports;
        this.clock = clock;
    }

    NbdPoint begin(VmId vm, PointInTimeRequest request) throws IOException {
        String doing = "begin a point in time of VM " + vm;
        return connection.call(doing, libvirt -> LibvirtConnection.withDomain(libvirt, vm, domain -> {
            MachineDefinition live = new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
            XmlDocument xml = XmlDocument.parse(live.xml());
            String name = MachineReader.text(xml, "name");
            refuseUnlessReady(domain, name);
            refuseWhileMirrored(xml, live, name);
            List<String> devices = MachineReader.devices(xml);
            refuseBesideBlockJob(domain, live, name, devices);
            EmulatorAccount emulator = emulator(libvirt, xml);
            admit(emulator, request.scratch().values());
            Path socket = exports.socket(request.socket(), xml, emulator);
            // What a dead predecessor left under these names would make libvirt refuse.
            deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
            deleteFiles(List.of(socket), PointInTimeRequest::isOurSocket);
            makeScratch(domain, name, request, emulator);
            Instant before = clock.instant();
            try {
                LibvirtBlockLibrary.virDomainBackupBegin(
                        domain, BackupXml.backup(request, socket, devices), BackupXml.checkpoint(request, devices));
            } catch (LibvirtException e) {
                // A connection that broke tells nothing: the job may run. Then the files stay until it is ended.
                FailureException refusal = refusal(domain, live, request, devices, e);
                deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
                throw refusal;
            }
            return new LibvirtPointInTime(this, vm, request, socket, before);
        }));
    }

    /** Ends the job of a point in time if it runs, waits until it has ended, and removes its files. */
    void end(VmId vm, PointInTimeRequest request, Path socket) throws IOException {
        abort(vm, running -> running.servesAt(socket));
        deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
        deleteFiles(List.of(socket), PointInTimeRequest::isOurSocket);
    }

    private static EmulatorAccount emulator(MemorySegment libvirt, XmlDocument live)
            throws LibvirtException, IOException {
        Optional<EmulatorAccount> own = EmulatorAccounts.ofMachine(live);
        return own.isPresent() ? own.get() : EmulatorAccounts.ofHost(libvirt);
    }

    /** libvirt gives the scratch files to QEMU; the way to them through folders of ours is ours to give. */
    private static void admit(EmulatorAccount emulator, Collection<Path> scratch) throws IOException {
        for (Path file : scratch) {
            Path folder = file.toAbsolutePath().getParent();
            if (PointInTimeRequest.isOurFolder(folder)) {
                Folders.make(folder, FolderAccess.sharedWith(emulator));
            }
        }
    }

    /** QEMU is to open them and not to create them: before 8.1 it may die of that, and its guest with it. */
    private static void makeScratch(
            MemorySegment domain, String name, PointInTimeRequest request, EmulatorAccount emulator)
            throws LibvirtException, IOException {
        try {
            for (Map.Entry<DiskName, Path> scratch : request.scratch().entrySet()) {
                String device = scratch.getKey().value();
                long bytes = LibvirtLibrary.virDomainGetBlockCapacity(domain, device);
                if (bytes <= 0 || bytes > ScratchImage.VIRTUAL_BYTES_MAX || bytes % ScratchImage.SECTOR_BYTES != 0) {
                    throw FailureException.of(FailureCode.HYPERVISOR_REFUSED, "VM " + name + ": libvirt says that disk "
                            + device + " has " + bytes + " bytes, for which no scratch file can be made.");
                }
                ScratchImage.create(scratch.getValue(), bytes, emulator);
            }
        } catch (LibvirtException | IOException | RuntimeException e) {
            deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
            throw e;
        }
    }

    void endAbandoned(VmId vm) throws IOException {
        Optional<RunningBackup> abandoned = running(vm);
        if (abandoned.isPresent() && !abandoned.get().isOurs()) {
            return;
        }
        abort(vm, RunningBackup::isOurs);
        if (abandoned.isPresent()) {
            deleteFiles(abandoned.get().scratch(), PointInTimeRequest::isOurScratch);
            deleteFiles(abandoned.get().socket().stream().toList(), PointInTimeRequest::isOurSocket);
            LOG.info("an abandoned point in time was ended vm={} {}", vm, abandoned.get().place());
        }
        deleteScratchBesideImages(vm);
    }

    private static void refuseUnlessReady(MemorySegment domain, String name) throws LibvirtException {
        if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
            throw notRunning(name);
        }
        // A second job would wait half a minute for the first inside libvirt before it is refused.
        Optional<RunningBackup> other = RunningBackup.of(domain);
        if (other.isPresent()) {
            String whose = other.get().isOurs() ? "a point in time of Understudy" : "a backup of another program";
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY,
                    "VM " + name + ": " + whose + " is running on it, " + other.get().place());
        }
        if (RunningBackup.isAnyJobRunning(domain)) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY,
                    "VM " + name + ": libvirt is saving, dumping or migrating it");
        }
    }

    /**
     * A copy or an active commit of another tool: libvirt would refuse, and it passes. One that is ready does not pass
     * by itself: whoever began it may have been refused its end by a cycle of ours, and gone.
     */
    private static void refuseWhileMirrored(XmlDocument xml, MachineDefinition live, String name) {
        for (Element disk : xml.all("devices/disk")) {
            Optional<Element> mirror = XmlDocument.first(disk, "mirror");
            if (mirror.isPresent()) {
                String device = XmlDocument.attribute(disk, "target", "dev").orElse("");
                throw mirror.get().getAttribute("ready").equals("yes") && !live.isOurs()
                        ? readyJob(name, device, mirror.get().getAttribute("job")) : blockJob(name, device, live);
            }
        }
    }

    /**
     * Before anything for which libvirt asks QEMU for all its nodes: the size of a disk, and a backup that it then
     * refuses. A QEMU (7.2) died of that question, and its guest with it, in the moment in which a pull had
     * ended and libvirt had not dismissed it. Until then it is among the jobs that are asked for here, harmlessly.
     */
    private static void refuseBesideBlockJob(
            MemorySegment domain, MachineDefinition live, String name, List<String> devices) {
        for (String device : devices) {
            if (isBlockJobRunning(domain, device)) {
                throw blockJob(name, device, live);
            }
        }
    }

    private static FailureException readyJob(String name, String device, String job) {
        boolean commit = job.startsWith("active-commit");
        String command = "virsh blockjob " + shellWord(name) + " " + device;
        return FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + name + ": another tool's "
                + (commit ? "commit" : "copy") + " of disk " + device + " is ready and waits for its end. End it on "
                + "the VM's host: " + command + " --pivot, or " + command + " --abort.",
                "After --pivot the VM goes on with the image that was " + (commit ? "committed into" : "copied to")
                        + ", after --abort with the one it has; replication goes on by itself.");
    }

    /** As it is typed: names of VMs may have blanks and quotes. */
    private static String shellWord(String name) {
        return name.matches("[A-Za-z0-9._+-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }

    /** A VM keeps our mark from its failover until it has its disks: a job on one of them is most likely ours. */
    private static FailureException blockJob(String name, String device, MachineDefinition live) {
        String what = " copies, commits or pulls disk " + device + " just now (a block job of libvirt).";
        return live.isOurs()
                ? FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + name + " gets its disks after its failover,"
                        + " for which this host's agent, or another tool," + what,
                        "Wait until that is over; do not end the job.")
                : FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + name + ": another tool" + what);
    }

    private static FailureException notRunning(String name) {
        return FailureException.of(FailureCode.VM_NOT_RUNNING, "VM " + name + " does not run");
    }

    private static FailureException refusal(
            MemorySegment domain, MachineDefinition live, PointInTimeRequest request, List<String> devices,
            LibvirtException e) throws LibvirtException {
        String name = live.name();
        if (request.since().isPresent() && isOfCheckpoint(e)) {
            return FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED,
                    "VM " + name + ": what changed since checkpoint " + request.since().get()
                            + " is no longer known: " + e.getMessage()).causedBy(e);
        }
        try {
            if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
                return notRunning(name);
            }
        } catch (LibvirtException again) {
            e.addSuppressed(again);
            throw e;
        }
        if (e.domain() == LibvirtLibrary.VIR_FROM_RPC || e.domain() == LibvirtLibrary.VIR_FROM_REMOTE) {
            throw e;
        }
        for (String device : devices) {
            if (isBlockJobRunning(domain, device)) {
                return blockJob(name, device, live).causedBy(e);
            }
        }
        return LibvirtConnection.refused("begin a point in time of VM " + name, e);
    }

    /** Whether one works on any of these disks. */
    static boolean isBlockJobRunning(MemorySegment domain, List<String> devices) {
        return devices.stream().anyMatch(device -> isBlockJobRunning(domain, device));
    }

    private static boolean isBlockJobRunning(MemorySegment domain, String device) {
        try {
            return LibvirtBlockLibrary.virDomainIsBlockJobRunning(domain, device);
        } catch (LibvirtException e) {
            // An empty drive has none; and the refusal that is being explained counts, not this one.
            return false;
        }
    }

    private static boolean isOfCheckpoint(LibvirtException e) {
        return e.code() == LibvirtBlockLibrary.VIR_ERR_CHECKPOINT_INCONSISTENT
                || e.code() == LibvirtBlockLibrary.VIR_ERR_NO_DOMAIN_CHECKPOINT
                || e.code() == LibvirtBlockLibrary.VIR_ERR_INVALID_DOMAIN_CHECKPOINT;
    }

    /**
     * Nothing happens to another job, nor when the VM is off or gone. A refusal is not believed at once: a job that
     * ends with its VM, or by itself, is refused for a moment before it is gone.
     */
    private void abort(VmId vm, Predicate<RunningBackup> which) throws IOException {
        String doing = "end a point in time of VM " + vm;
        long begun = System.nanoTime();
        AtomicReference<LibvirtException> refused = new AtomicReference<>();
        boolean gone = connection.call(doing, libvirt -> unlessAbsent(libvirt, vm, domain -> {
            if (isGone(domain, which)) {
                return true;
            }
            try {
                LibvirtLibrary.virDomainAbortJob(domain);
            } catch (LibvirtException e) {
                LibvirtConnection.throwIfLost(libvirt, e);
                refused.set(e);
            }
            return false;
        }));
        while (!gone) {
            Duration waited = Duration.ofNanos(System.nanoTime() - begun);
            if (refused.get() != null && waited.compareTo(REFUSAL_BELIEVED_AFTER) > 0) {
                throw connection.names().in(LibvirtConnection.refused(doing, refused.get()));
            }
            if (waited.compareTo(END_WAIT_MAX) > 0) {
                throw connection.names().in(FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + vm
                        + ": its point in time was told to end but still runs after " + END_WAIT_MAX.toSeconds()
                        + " s."));
            }
            gone = connection.callAfter(END_POLL, doing, libvirt -> unlessAbsent(libvirt, vm,
                    domain -> isGone(domain, which)));
        }
    }

    private static boolean isGone(MemorySegment domain, Predicate<RunningBackup> which) throws LibvirtException {
        return RunningBackup.of(domain).filter(which).isEmpty();
    }

    private static boolean unlessAbsent(
            MemorySegment libvirt, VmId vm, LibvirtConnection.DomainCall<Boolean> call)
            throws LibvirtException, IOException {
        try {
            return LibvirtConnection.withDomain(libvirt, vm, call);
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.VM_NOT_FOUND_AT_SOURCE) {
                return true;
            }
            throw e;
        }
    }

    private Optional<RunningBackup> running(VmId vm) throws IOException {
        List<RunningBackup> found = new ArrayList<>();
        connection.call("look for backups of VM " + vm, libvirt -> unlessAbsent(libvirt, vm,
                domain -> RunningBackup.of(domain).map(found::add).orElse(true)));
        return found.stream().findFirst();
    }

    /** When QEMU died too, no job tells of its scratch files; then their names beside the images do. */
    private void deleteScratchBesideImages(VmId vm) throws IOException {
        List<Path> images = new ArrayList<>();
        connection.call("read the definition of VM " + vm, libvirt -> unlessAbsent(libvirt, vm, domain ->
                images.addAll(new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, 0)).disks().values())));
        for (Path image : images) {
            if (image.getParent() == null || !Files.isDirectory(image.getParent())) {
                continue;
            }
            String imageName = image.getFileName().toString();
            try (DirectoryStream<Path> beside = Files.newDirectoryStream(image.getParent(),
                    file -> file.getFileName().toString().startsWith(imageName)
                            && PointInTimeRequest.isOurScratch(file))) {
                for (Path file : beside) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static void deleteFiles(Collection<Path> files, Predicate<Path> ours) throws IOException {
        for (Path file : files) {
            if (ours.test(file)) {
                Files.deleteIfExists(file);
            }
        }
    }
}
