package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.understudy.disk.ImageServer;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.RestRequest;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * The points in time of VMs that are shut off, which libvirt makes none of (11.3 and before; it refuses a backup of
 * such a VM): {@code qemu-nbd} shows each image with the bitmap that QEMU left in it. It is told to share the image
 * with whoever opens it, so that a start of the VM never fails for us; whether anybody did is told by the images
 * themselves, for QEMU writes to an image as soon as it opens one that has bitmaps. Safe for many threads.
 */
final class PointsAtRest {
    private final LibvirtConnection connection;
    private final ExportFolder exports;
    private final Clock clock;

    PointsAtRest(LibvirtConnection connection, ExportFolder exports, Clock clock) {
        this.connection = connection;
        this.exports = exports;
        this.clock = clock;
    }

    /** A VM that is off: its name, and the active images of its disks. */
    private record Stopped(String name, Map<DiskName, Path> images) {}

    Optional<String> imprint(VmId vm, Set<DiskName> disks) throws IOException {
        Optional<Stopped> stopped = stopped(vm, disks);
        return stopped.isPresent() ? Optional.of(imprint(stopped.get())) : Optional.empty();
    }

    NbdPoint begin(VmId vm, RestRequest request) throws IOException {
        Stopped stopped = stopped(vm, request.disks()).orElseThrow(() -> connection.names().in(notAtRest("VM " + vm)));
        String imprint = imprint(stopped);
        Instant at = clock.instant();
        if (request.since().isPresent()) {
            for (Path image : stopped.images().values()) {
                requireBitmap(stopped, image, request.since().get());
            }
        }
        Map<DiskName, ImageServer> servers = new TreeMap<>();
        String attempt = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        RestingPoint point = new RestingPoint(this, vm, request, at, imprint, servers);
        try {
            for (Map.Entry<DiskName, Path> image : stopped.images().entrySet()) {
                String socket = request.socket() + "-" + attempt + "-" + image.getKey() + ".sock";
                List<String> shown = new ArrayList<>(List.of("--read-only", "--export-name=" + image.getKey()));
                request.since().ifPresent(since -> shown.add("--bitmap=" + since));
                shown.addAll(List.of("--image-opts", "driver=qcow2,force-share=on,file.driver=file,file.filename="
                        + ImageServer.escaped(image.getValue())));
                servers.put(image.getKey(), ImageServer.start(exports.ownSocket(socket), shown));
            }
            point.requireIntact();
            return point;
        } catch (IOException | FailureException e) {
            point.close();
            throw e;
        }
    }

    /** Throws unless the VM has been off all the time since it had this imprint. */
    void requireSame(VmId vm, Set<DiskName> disks, String imprint) throws IOException {
        if (!imprint(vm, disks).equals(Optional.of(imprint))) {
            throw connection.names().in(notAtRest("VM " + vm));
        }
    }

    private static FailureException notAtRest(String machine) {
        return FailureException.of(FailureCode.HYPERVISOR_BUSY, machine + " was started, or its images were written to,"
                + " while they were being read as those of a VM that is shut off.",
                "Nothing needs to be done: what changed is read as soon as it runs, or lies still again.");
    }

    /** Empty unless it is shut off and all of it is on its disks. */
    private Optional<Stopped> stopped(VmId vm, Set<DiskName> disks) throws IOException {
        return connection.callDomain("look at the disks of VM " + vm, vm, domain -> stopped(domain, disks));
    }

    private static Optional<Stopped> stopped(MemorySegment domain, Set<DiskName> disks) throws LibvirtException {
        if (MachineReader.power(domain) != PowerState.SHUT_OFF
                || LibvirtHostLibrary.virDomainHasManagedSaveImage(domain)) {
            return Optional.empty();
        }
        MachineDefinition definition = new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
        Map<DiskName, Path> images = new TreeMap<>(definition.disks());
        images.keySet().retainAll(disks);
        if (!images.keySet().equals(disks)) {
            throw FailureException.of(FailureCode.DISK_CHANGED,
                    "VM " + definition.name() + " has the disks " + images.keySet() + " of " + disks + ".");
        }
        return Optional.of(new Stopped(definition.name(), images));
    }

    private static String imprint(Stopped stopped) throws IOException {
        StringBuilder imprint = new StringBuilder();
        for (Map.Entry<DiskName, Path> disk : stopped.images().entrySet()) {
            imprint.append(imprint.isEmpty() ? "" : " ").append(disk.getKey()).append('=');
            for (Path image : Qcow2Bitmaps.chain(disk.getValue()).keySet()) {
                Map<String, Object> found = Files.readAttributes(image, "unix:ino,size,lastModifiedTime,ctime");
                imprint.append(List.of("ino", "size", "lastModifiedTime", "ctime").stream()
                        .map(name -> found.get(name).toString()).collect(Collectors.joining(",", "/", "")));
            }
        }
        return imprint.toString();
    }

    /**
     * Refuses unless what changed is in the bitmap of the active image alone. After a snapshot one part of it is in the
     * image below; the next cycle of the running VM has a bitmap of its own, so that this is rare.
     */
    private static void requireBitmap(Stopped stopped, Path active, String since) throws IOException {
        String why = null;
        Optional<Qcow2Bitmaps.Bitmap> bitmap = Qcow2Bitmaps.read(active).bitmap(since);
        if (bitmap.isEmpty()) {
            why = "it has no bitmap of that name";
        } else if (bitmap.get().inUse()) {
            why = "the bitmap was not closed, because QEMU was killed or has the image open";
        } else if (!bitmap.get().records()) {
            why = "the bitmap was switched off";
        } else if (Qcow2Bitmaps.chain(active).values().stream().skip(1)
                .anyMatch(below -> below.bitmap(since).isPresent())) {
            why = "a snapshot was made since, and part of it is in the image below";
        }
        if (why != null) {
            throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED,
                    "VM " + stopped.name() + ", " + active.getFileName() + ": what changed since checkpoint " + since
                            + " is not known: " + why + ".");
        }
    }
}
