package org.understudy.hypervisor.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.check;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.handle;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.invokeNumber;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.invokePointer;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.list;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.number;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.ownedText;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.pointer;
import static org.understudy.hypervisor.libvirt.LibvirtLibrary.text;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/** The part of libvirt's C library about backups, checkpoints and block jobs; {@link LibvirtLibrary} has its rules. */
final class LibvirtBlockLibrary {
    static final int VIR_ERR_INVALID_DOMAIN_CHECKPOINT = 102;
    static final int VIR_ERR_NO_DOMAIN_CHECKPOINT = 103;
    static final int VIR_ERR_NO_DOMAIN_BACKUP = 104;
    static final int VIR_ERR_CHECKPOINT_INCONSISTENT = 109;
    static final int VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY = 2;
    static final int VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL = 2;
    static final int VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN = 2;
    private static final int VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL = 1;
    private static final int VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE = 1;
    private static final int VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE = 4;
    static final int VIR_DOMAIN_BLOCK_JOB_TYPE_PULL = 1;
    static final int VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT = 4;
    private static final int VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES = 64;
    private static final int VIR_DOMAIN_BLOCK_COMMIT_ACTIVE = 4;
    private static final int VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES = 16;
    private static final int VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT = 2;
    private static final long VIR_DOMAIN_BLOCK_JOB_BYTES = 32;
    private static final long VIR_DOMAIN_BLOCK_JOB_CUR = 16;
    private static final long VIR_DOMAIN_BLOCK_JOB_END = 24;

    private static final MethodHandle DOMAIN_BACKUP_BEGIN =
            number("virDomainBackupBegin", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_BACKUP_GET_XML_DESC =
            pointer("virDomainBackupGetXMLDesc", ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_GET_BLOCK_JOB =
            number("virDomainGetBlockJobInfo", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);

    private static final MethodHandle DOMAIN_BLOCK_PULL =
            number("virDomainBlockPull", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle DOMAIN_BLOCK_COMMIT =
            number("virDomainBlockCommit", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle DOMAIN_BLOCK_JOB_ABORT =
            number("virDomainBlockJobAbort", ADDRESS, ADDRESS, JAVA_INT);

    private static final MethodHandle DOMAIN_LIST_ALL_CHECKPOINTS =
            number("virDomainListAllCheckpoints", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CHECKPOINT_LOOKUP_BY_NAME =
            pointer("virDomainCheckpointLookupByName", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CHECKPOINT_GET_NAME = pointer("virDomainCheckpointGetName", ADDRESS);
    private static final MethodHandle CHECKPOINT_DELETE = number("virDomainCheckpointDelete", ADDRESS, JAVA_INT);
    private static final MethodHandle CHECKPOINT_FREE = number("virDomainCheckpointFree", ADDRESS);
    private static final MethodHandle CHECKPOINT_CREATE =
            pointer("virDomainCheckpointCreateXML", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CHECKPOINT_GET_XML_DESC =
            pointer("virDomainCheckpointGetXMLDesc", ADDRESS, JAVA_INT);

    private LibvirtBlockLibrary() {}

    /** With scratch files that are there and of the right size: QEMU opens them, and libvirt never removes them. */
    static void virDomainBackupBegin(MemorySegment domain, String backupXml, String checkpointXml)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            check(invokeNumber(DOMAIN_BACKUP_BEGIN, domain,
                    arena.allocateFrom(backupXml), arena.allocateFrom(checkpointXml),
                    VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL));
        }
    }

    /** Fails with {@link #VIR_ERR_NO_DOMAIN_BACKUP} when no backup runs. */
    static String virDomainBackupGetXMLDesc(MemorySegment domain) throws LibvirtException {
        return ownedText(invokePointer(DOMAIN_BACKUP_GET_XML_DESC, domain, 0));
    }

    /** Parents before children; each handle is to be freed. */
    static List<MemorySegment> virDomainListAllCheckpoints(MemorySegment domain) throws LibvirtException {
        return list(DOMAIN_LIST_ALL_CHECKPOINTS, domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL);
    }

    static MemorySegment virDomainCheckpointLookupByName(MemorySegment domain, String name) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(CHECKPOINT_LOOKUP_BY_NAME, domain, arena.allocateFrom(name), 0));
        }
    }

    static String virDomainCheckpointGetName(MemorySegment checkpoint) throws LibvirtException {
        return text(handle(invokePointer(CHECKPOINT_GET_NAME, checkpoint)));
    }

    static void virDomainCheckpointDelete(MemorySegment checkpoint, int flags) throws LibvirtException {
        check(invokeNumber(CHECKPOINT_DELETE, checkpoint, flags));
    }

    static void virDomainCheckpointFree(MemorySegment checkpoint) {
        invokeNumber(CHECKPOINT_FREE, checkpoint);
    }

    /** Takes a bitmap that exists back into libvirt's notes as a checkpoint; the handle is to be freed. */
    static MemorySegment virDomainCheckpointRedefine(MemorySegment domain, String checkpointXml)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(CHECKPOINT_CREATE, domain, arena.allocateFrom(checkpointXml),
                    VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE));
        }
    }

    /**
     * The same, after libvirt has looked whether all its bitmaps are there and consistent: fails with
     * {@link #VIR_ERR_CHECKPOINT_INCONSISTENT} when they are not, and changes nothing then.
     */
    static MemorySegment virDomainCheckpointRedefineValidated(MemorySegment domain, String checkpointXml)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(CHECKPOINT_CREATE, domain, arena.allocateFrom(checkpointXml),
                    VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE | VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE));
        }
    }

    static String virDomainCheckpointGetXMLDesc(MemorySegment checkpoint) throws LibvirtException {
        return ownedText(invokePointer(CHECKPOINT_GET_XML_DESC, checkpoint, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN));
    }

    /** Whether a block job (copy, commit, pull) works on a disk; a backup is none. */
    static boolean virDomainIsBlockJobRunning(MemorySegment domain, String disk) throws LibvirtException {
        return virDomainGetBlockJobInfo(domain, disk).isPresent();
    }

    /** A {@code virDomainBlockJobInfo}. */
    record BlockJob(int type, long done, long total) {}

    static Optional<BlockJob> virDomainGetBlockJobInfo(MemorySegment domain, String disk) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment job = arena.allocate(VIR_DOMAIN_BLOCK_JOB_BYTES, Long.BYTES);
            boolean runs = check(invokeNumber(DOMAIN_GET_BLOCK_JOB, domain, arena.allocateFrom(disk), job, 0)) == 1;
            return runs ? Optional.of(new BlockJob(job.get(JAVA_INT, 0),
                    job.get(JAVA_LONG, VIR_DOMAIN_BLOCK_JOB_CUR), job.get(JAVA_LONG, VIR_DOMAIN_BLOCK_JOB_END)))
                    : Optional.empty();
        }
    }

    /** Begins to copy all that is below into the disk's image. */
    static void virDomainBlockPull(MemorySegment domain, String disk, long bytesPerSecond) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            check(invokeNumber(DOMAIN_BLOCK_PULL, domain, arena.allocateFrom(disk), bytesPerSecond,
                    VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES));
        }
    }

    /** Begins to write the disk's image into one below; {@link #virDomainBlockJobPivot} ends it. */
    static void virDomainBlockCommitActive(MemorySegment domain, String disk, String below, long bytesPerSecond)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            check(invokeNumber(DOMAIN_BLOCK_COMMIT, domain, arena.allocateFrom(disk), arena.allocateFrom(below),
                    MemorySegment.NULL, bytesPerSecond,
                    VIR_DOMAIN_BLOCK_COMMIT_ACTIVE | VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES));
        }
    }

    /** Returns when the job is over and the VM goes on with the images that it has. */
    static void virDomainBlockJobAbort(MemorySegment domain, String disk) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            check(invokeNumber(DOMAIN_BLOCK_JOB_ABORT, domain, arena.allocateFrom(disk), 0));
        }
    }

    /** Returns when the VM uses the image below alone. */
    static void virDomainBlockJobPivot(MemorySegment domain, String disk) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            check(invokeNumber(DOMAIN_BLOCK_JOB_ABORT, domain, arena.allocateFrom(disk),
                    VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT));
        }
    }
}
