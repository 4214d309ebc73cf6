package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.DiskJob;
import org.understudy.hypervisor.DiskJobs;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * libvirt's block pull and active block commit. libvirt carries bitmaps into what is below, and QEMU notes no copied
 * block as written: tried with libvirt 9.0 and 11.3 (decision 35).
 */
final class LibvirtDiskJobs implements DiskJobs {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtDiskJobs.class);

    private final LibvirtConnection connection;

    LibvirtDiskJobs(LibvirtConnection connection) {
        this.connection = connection;
    }

    @Override
    public void standAlone(VmId vm, DiskName disk, ByteCount perSecond) throws IOException {
        begin("have disk " + disk + " of VM " + vm + " stand alone", vm, disk, domain ->
                LibvirtBlockLibrary.virDomainBlockPull(domain, disk.value(), perSecond.bytes()));
        LOG.info("a disk begins to stand alone vm={} disk={}", vm, disk);
    }

    @Override
    public void intoBelow(VmId vm, DiskName disk, Path below, ByteCount perSecond) throws IOException {
        begin("write disk " + disk + " of VM " + vm + " into " + below, vm, disk, domain ->
                LibvirtBlockLibrary.virDomainBlockCommitActive(
                        domain, disk.value(), below.toString(), perSecond.bytes()));
        LOG.info("a disk begins to be written into the image below vm={} disk={} image={}", vm, disk, below);
    }

    /** What begins a job. */
    private interface Beginning {
        void on(MemorySegment domain) throws LibvirtException;
    }

    private void begin(String doing, VmId vm, DiskName disk, Beginning beginning) throws IOException {
        connection.callDomain(doing, vm, domain -> {
            String name = LibvirtLibrary.virDomainGetName(domain);
            if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
                throw FailureException.of(FailureCode.VM_NOT_RUNNING, "VM " + name + " is off.");
            }
            Optional<RunningBackup> open = RunningBackup.of(domain);
            if (open.isPresent() || LibvirtBlockLibrary.virDomainIsBlockJobRunning(domain, disk.value())) {
                throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + name + (open.isEmpty()
                        ? ": a job works on its disk " + disk + "."
                        : open.get().isOurs() ? ": a cycle of its replication is open."
                                : " is backed up by another program."));
            }
            beginning.on(domain);
            return null;
        });
    }

    @Override
    public Optional<DiskJob> running(VmId vm, DiskName disk) throws IOException {
        return connection.callDomain("look for a job on disk " + disk + " of VM " + vm, vm, domain -> {
            if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
                return Optional.empty();
            }
            Optional<LibvirtBlockLibrary.BlockJob> job =
                    LibvirtBlockLibrary.virDomainGetBlockJobInfo(domain, disk.value());
            return job.isEmpty() ? Optional.empty() : Optional.of(told(job.get(), isReady(domain, disk)));
        });
    }

    private static DiskJob told(LibvirtBlockLibrary.BlockJob job, boolean ready) {
        DiskJob.Kind kind = switch (job.type()) {
            case LibvirtBlockLibrary.VIR_DOMAIN_BLOCK_JOB_TYPE_PULL -> DiskJob.Kind.STAND_ALONE;
            case LibvirtBlockLibrary.VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT -> DiskJob.Kind.INTO_BELOW;
            default -> DiskJob.Kind.OTHER;
        };
        return new DiskJob(kind, new ByteCount(Math.max(0, job.done())), new ByteCount(Math.max(0, job.total())),
                kind == DiskJob.Kind.INTO_BELOW && ready);
    }

    /** Equal numbers do not say it: only libvirt's own word does. */
    private static boolean isReady(MemorySegment domain, DiskName disk) throws LibvirtException {
        return new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, 0)).isMirrorReady(disk);
    }

    @Override
    public void finish(VmId vm, DiskName disk) throws IOException {
        connection.callDomain("have VM " + vm + " use the image below its disk " + disk, vm, domain -> {
            LibvirtBlockLibrary.virDomainBlockJobPivot(domain, disk.value());
            return null;
        });
        LOG.info("a VM uses the image below its disk vm={} disk={}", vm, disk);
    }

    @Override
    public void giveUp(VmId vm, DiskName disk) throws IOException {
        connection.callDomain("end the job on disk " + disk + " of VM " + vm, vm, domain -> {
            LibvirtBlockLibrary.virDomainBlockJobAbort(domain, disk.value());
            return null;
        });
        LOG.info("a job was given up vm={} disk={}", vm, disk);
    }

    @Override
    public void useImage(VmId vm, DiskName disk, Path image) throws IOException {
        redefine("have disk " + disk + " of VM " + vm + " use " + image, vm, domain -> {
            if (MachineReader.power(domain) != PowerState.SHUT_OFF) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "VM " + LibvirtLibrary.virDomainGetName(domain)
                        + " runs: the image of its disk " + disk + " is not changed.", "Shut it down first.");
            }
            return stored(domain).withImage(disk, image);
        });
    }

    @Override
    public void noteCheckpoint(VmId vm, String name, Set<DiskName> disks) throws IOException {
        connection.callDomain("note checkpoint " + name + " of VM " + vm, vm, domain -> {
            CheckpointReaper.noteUnlessKnown(
                    domain, name, disks.stream().map(DiskName::value).collect(Collectors.toSet()));
            return null;
        });
    }

    @Override
    public void mark(VmId vm, ItemId item) throws IOException {
        redefine("mark VM " + vm, vm, domain -> stored(domain).forItem(item));
    }

    @Override
    public void unmark(VmId vm) throws IOException {
        try {
            redefine("take our mark off VM " + vm, vm, domain -> stored(domain).withoutMark());
        } catch (FailureException e) {
            if (e.failure().code() != FailureCode.VM_NOT_FOUND_AT_SOURCE) {
                throw e;
            }
        }
    }

    /** As libvirt stores it, with what must not get lost when it is stored again: passwords of consoles. */
    private static MachineDefinition stored(MemorySegment domain) throws LibvirtException {
        return new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain,
                LibvirtLibrary.VIR_DOMAIN_XML_INACTIVE | LibvirtLibrary.VIR_DOMAIN_XML_SECURE));
    }

    private void redefine(String doing, VmId vm, LibvirtConnection.DomainCall<MachineDefinition> change)
            throws IOException {
        connection.call(doing, libvirt -> {
            MachineDefinition changed = LibvirtConnection.withDomain(libvirt, vm, change);
            LibvirtLibrary.virDomainFree(LibvirtLibrary.virDomainDefineXML(libvirt, changed.xml()));
            return null;
        });
    }
}
