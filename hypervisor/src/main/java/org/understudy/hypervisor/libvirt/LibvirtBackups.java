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
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * The points in time and checkpoints of one libvirt's VMs: pull-mode backup jobs, told from others' by the names of
 * their sockets and checkpoints. Safe for many threads.
 */
final class LibvirtBackups {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtBackups.class);
    private static final Duration END_POLL = Duration.ofMillis(4);
    private static final Duration END_WAIT_MAX = Duration.ofSeconds(60);

    private final LibvirtConnection connection;
    private final Clock clock;

    LibvirtBackups(LibvirtConnection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    PointInTime begin(VmId vm, PointInTimeRequest request) throws IOException {
        String doing = "begin a point in time of VM " + vm;
        Instant takenAt = connection.callDomain(doing, vm, domain -> {
            XmlDocument xml = XmlDocument.parse(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
            String name = MachineReader.text(xml, "name");
            refuseUnlessReady(domain, name);
            // What a dead predecessor left under these names would make libvirt refuse.
            deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
            deleteFiles(List.of(request.socket()), PointInTimeRequest::isOurSocket);
            List<String> devices = MachineReader.devices(xml);
            Instant before = clock.instant();
            try {
                LibvirtLibrary.virDomainBackupBegin(
                        domain, BackupXml.backup(request, devices), BackupXml.checkpoint(request, devices));
            } catch (LibvirtException e) {
                throw refusal(domain, name, request, e);
            }
            return before;
        });
        return new LibvirtPointInTime(this, vm, request, takenAt);
    }

    /** Ends the job of a point in time if it runs, waits until it has ended, and removes its files. */
    void end(VmId vm, PointInTimeRequest request) throws IOException {
        abort(vm, running -> running.servesAt(request.socket()));
        deleteFiles(request.scratch().values(), PointInTimeRequest::isOurScratch);
        deleteFiles(List.of(request.socket()), PointInTimeRequest::isOurSocket);
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

    List<String> checkpoints(VmId vm) throws IOException {
        return connection.callDomain("list the checkpoints of VM " + vm, vm, domain -> {
            List<MemorySegment> handles = LibvirtLibrary.virDomainListAllCheckpoints(domain);
            try {
                List<String> names = new ArrayList<>();
                for (MemorySegment checkpoint : handles) {
                    String name = LibvirtLibrary.virDomainCheckpointGetName(checkpoint);
                    if (name.startsWith(PointInTimeRequest.CHECKPOINT_PREFIX)) {
                        names.add(name);
                    }
                }
                return names;
            } finally {
                handles.forEach(LibvirtLibrary::virDomainCheckpointFree);
            }
        });
    }

    void deleteCheckpoint(VmId vm, String name) throws IOException {
        if (!name.startsWith(PointInTimeRequest.CHECKPOINT_PREFIX)) {
            throw new IllegalArgumentException("checkpoint \"" + name + "\" is not ours to delete");
        }
        connection.callDomain("delete checkpoint " + name + " of VM " + vm, vm, domain -> {
            // libvirt cannot change the bitmaps of a VM that does not run; the checkpoint waits until it does.
            if (MachineReader.power(domain) != PowerState.SHUT_OFF) {
                delete(domain, name);
            }
            return null;
        });
    }

    private static void delete(MemorySegment domain, String name) throws LibvirtException {
        MemorySegment checkpoint;
        try {
            checkpoint = LibvirtLibrary.virDomainCheckpointLookupByName(domain, name);
        } catch (LibvirtException e) {
            if (e.code() == LibvirtLibrary.VIR_ERR_NO_DOMAIN_CHECKPOINT) {
                return;
            }
            throw e;
        }
        try {
            LibvirtLibrary.virDomainCheckpointDelete(checkpoint, 0);
        } catch (LibvirtException e) {
            // QEMU was killed before it first wrote the bitmap into the image: there is only libvirt's note of it left.
            boolean neverWritten = e.code() == LibvirtLibrary.VIR_ERR_INTERNAL_ERROR
                    && e.getMessage().contains("not found in backing chain");
            if (!neverWritten) {
                throw e;
            }
            LibvirtLibrary.virDomainCheckpointDelete(
                    checkpoint, LibvirtLibrary.VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY);
        } finally {
            LibvirtLibrary.virDomainCheckpointFree(checkpoint);
        }
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

    private static FailureException notRunning(String name) {
        return FailureException.of(FailureCode.VM_NOT_RUNNING, "VM " + name + " does not run");
    }

    private static FailureException refusal(
            MemorySegment domain, String name, PointInTimeRequest request, LibvirtException e)
            throws LibvirtException {
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
        return LibvirtConnection.refused("begin a point in time of VM " + name, e);
    }

    private static boolean isOfCheckpoint(LibvirtException e) {
        return e.code() == LibvirtLibrary.VIR_ERR_CHECKPOINT_INCONSISTENT
                || e.code() == LibvirtLibrary.VIR_ERR_NO_DOMAIN_CHECKPOINT
                || e.code() == LibvirtLibrary.VIR_ERR_INVALID_DOMAIN_CHECKPOINT;
    }

    /** Nothing happens to another job, nor when the VM is off or gone. */
    private void abort(VmId vm, Predicate<RunningBackup> which) throws IOException {
        String doing = "end a point in time of VM " + vm;
        Instant deadline = clock.instant().plus(END_WAIT_MAX);
        boolean gone = connection.call(doing, libvirt -> unlessAbsent(libvirt, vm, domain -> {
            Optional<RunningBackup> running = RunningBackup.of(domain);
            if (running.filter(which).isEmpty()) {
                return true;
            }
            try {
                LibvirtLibrary.virDomainAbortJob(domain);
            } catch (LibvirtException e) {
                // It may have ended by itself in between, with the VM for instance.
                if (RunningBackup.of(domain).filter(which).isEmpty()) {
                    return true;
                }
                throw e;
            }
            return false;
        }));
        while (!gone) {
            if (clock.instant().isAfter(deadline)) {
                throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + vm
                        + ": its point in time was told to end but still runs after " + END_WAIT_MAX.toSeconds()
                        + " s");
            }
            gone = connection.callAfter(END_POLL, doing, libvirt -> unlessAbsent(libvirt, vm,
                    domain -> RunningBackup.of(domain).filter(which).isEmpty()));
        }
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
