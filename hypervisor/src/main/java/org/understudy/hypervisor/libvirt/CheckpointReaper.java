package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.HostProgram;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/**
 * What deletes checkpoints of ours: libvirt's notes and the bitmaps in the images, also a bitmap that has lost its note
 * or a note that has lost its bitmap. Others' are never looked at. Safe for many threads.
 *
 * <p>libvirt cannot change the bitmaps of a VM that is off (9.0 and 11.3 refuse). There the notes are dropped and
 * {@code qemu-img} takes the bitmaps out of images that nobody has open; its lock on the image says whether one has.
 */
final class CheckpointReaper {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointReaper.class);
    private static final Duration QEMU_IMG_PATIENCE = Duration.ofSeconds(60);

    private final LibvirtConnection connection;

    CheckpointReaper(LibvirtConnection connection) {
        this.connection = connection;
    }

    List<String> checkpoints(VmId vm) throws IOException {
        return connection.callDomain("list the checkpoints of VM " + vm, vm, CheckpointReaper::names);
    }

    /** {@link org.understudy.hypervisor.Hypervisor#deleteCheckpoint}. */
    void delete(VmId vm, String name) throws IOException {
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

    /** {@link org.understudy.hypervisor.Hypervisor#reapCheckpoints}. */
    List<String> reap(VmId vm, Predicate<String> which) throws IOException {
        Predicate<String> ours = name -> name.startsWith(PointInTimeRequest.CHECKPOINT_PREFIX) && which.test(name);
        List<String> left = new ArrayList<>();
        String doing = "delete checkpoints of VM " + vm;
        Optional<Stopped> stopped = connection.callDomain(doing, vm, domain -> {
            if (MachineReader.power(domain) == PowerState.SHUT_OFF) {
                return Optional.of(stopped(domain));
            }
            reapRunning(domain, ours, left);
            return Optional.empty();
        });
        if (stopped.isPresent() && reapImages(stopped.get(), ours, left)) {
            connection.callDomain(doing, vm, domain -> {
                dropNotes(domain, ours, left);
                return null;
            });
        }
        return left;
    }

    private static List<String> names(MemorySegment domain) throws LibvirtException {
        List<MemorySegment> handles = LibvirtBlockLibrary.virDomainListAllCheckpoints(domain);
        try {
            List<String> names = new ArrayList<>();
            for (MemorySegment checkpoint : handles) {
                String name = LibvirtBlockLibrary.virDomainCheckpointGetName(checkpoint);
                if (name.startsWith(PointInTimeRequest.CHECKPOINT_PREFIX)) {
                    names.add(name);
                }
            }
            return names;
        } finally {
            handles.forEach(LibvirtBlockLibrary::virDomainCheckpointFree);
        }
    }

    private static void reapRunning(MemorySegment domain, Predicate<String> ours, List<String> left)
            throws LibvirtException {
        XmlDocument xml = XmlDocument.parse(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
        List<String> noted = names(domain);
        for (String name : noted.stream().filter(ours).toList()) {
            try {
                delete(domain, name);
            } catch (LibvirtException e) {
                left.add("checkpoint " + name + ": " + e.getMessage());
            }
        }
        // Those without a note, as the images showed them when QEMU opened them.
        for (Map.Entry<String, Set<String>> orphan : bitmaps(xml, ours).entrySet()) {
            if (!noted.contains(orphan.getKey())) {
                try {
                    adopt(domain, orphan.getKey(), orphan.getValue());
                    delete(domain, orphan.getKey());
                    LOG.info("an orphan bitmap was removed vm={} bitmap={}",
                            MachineReader.text(xml, "name"), orphan.getKey());
                } catch (LibvirtException e) {
                    left.add("bitmap " + orphan.getKey() + ": " + e.getMessage());
                }
            }
        }
    }

    private static void delete(MemorySegment domain, String name) throws LibvirtException {
        MemorySegment checkpoint;
        try {
            checkpoint = LibvirtBlockLibrary.virDomainCheckpointLookupByName(domain, name);
        } catch (LibvirtException e) {
            if (e.code() == LibvirtBlockLibrary.VIR_ERR_NO_DOMAIN_CHECKPOINT) {
                return;
            }
            throw e;
        }
        try {
            LibvirtBlockLibrary.virDomainCheckpointDelete(checkpoint, 0);
        } catch (LibvirtException e) {
            // QEMU was killed before it first wrote the bitmap into the image: there is only libvirt's note of it left.
            if (e.code() != LibvirtLibrary.VIR_ERR_INTERNAL_ERROR || !hasLostItsBitmap(domain, checkpoint)) {
                throw e;
            }
            LibvirtBlockLibrary.virDomainCheckpointDelete(
                    checkpoint, LibvirtBlockLibrary.VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY);
        } finally {
            LibvirtBlockLibrary.virDomainCheckpointFree(checkpoint);
        }
    }

    /** Asks libvirt to look for it, which answers with a code; its words are of whatever language libvirtd speaks. */
    private static boolean hasLostItsBitmap(MemorySegment domain, MemorySegment checkpoint) throws LibvirtException {
        try {
            LibvirtBlockLibrary.virDomainCheckpointFree(LibvirtBlockLibrary.virDomainCheckpointRedefineValidated(
                    domain, LibvirtBlockLibrary.virDomainCheckpointGetXMLDesc(checkpoint)));
            return false;
        } catch (LibvirtException e) {
            return e.code() == LibvirtBlockLibrary.VIR_ERR_CHECKPOINT_INCONSISTENT;
        }
    }

    /** Notes bitmaps that are in the images of a VM as a checkpoint, unless one of that name is noted. */
    static void noteUnlessKnown(MemorySegment domain, String name, Set<String> devices) throws LibvirtException {
        if (!names(domain).contains(name)) {
            adopt(domain, name, devices);
        }
    }

    /** Notes a bitmap as a checkpoint, so that libvirt can delete it: the only way that taints no VM. */
    private static void adopt(MemorySegment domain, String name, Set<String> devices) throws LibvirtException {
        XmlDocument xml = XmlDocument.of("domaincheckpoint");
        XmlDocument.append(xml.root(), "name").setTextContent(name);
        XmlDocument.append(xml.root(), "creationTime").setTextContent("1");
        Element disks = XmlDocument.append(xml.root(), "disks");
        for (String device : devices) {
            Element disk = XmlDocument.append(disks, "disk");
            disk.setAttribute("name", device);
            disk.setAttribute("checkpoint", "bitmap");
            disk.setAttribute("bitmap", name);
        }
        LibvirtBlockLibrary.virDomainCheckpointFree(
                LibvirtBlockLibrary.virDomainCheckpointRedefine(domain, xml.text()));
    }

    /** By the name of the bitmap, the disks in whose images it is. */
    private static Map<String, Set<String>> bitmaps(XmlDocument xml, Predicate<String> ours) {
        Map<String, Set<String>> found = new LinkedHashMap<>();
        for (Element disk : xml.all("devices/disk")) {
            XmlDocument.attribute(disk, "source", "file").ifPresent(image -> Qcow2Bitmaps.chain(Path.of(image)).forEach(
                    (_, bitmaps) -> bitmaps.names().stream().filter(ours).forEach(name -> found
                            .computeIfAbsent(name, _ -> new LinkedHashSet<>())
                            .add(XmlDocument.attribute(disk, "target", "dev").orElse("")))));
        }
        return found;
    }

    /** A VM that is off: its images, the active ones. */
    private record Stopped(String name, List<Path> images) {}

    private static Stopped stopped(MemorySegment domain) throws LibvirtException {
        MachineDefinition definition = new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
        return new Stopped(definition.name(), List.copyOf(definition.disks().values()));
    }

    /** Whether any of them may have been removed, so that their notes go as well. */
    private static boolean reapImages(Stopped vm, Predicate<String> ours, List<String> left) {
        boolean free = true;
        for (Path active : vm.images()) {
            for (Map.Entry<Path, Qcow2Bitmaps> image : Qcow2Bitmaps.chain(active).entrySet()) {
                for (String bitmap : image.getValue().names().stream().filter(ours).toList()) {
                    Optional<String> refused = removeBitmap(image.getKey(), bitmap);
                    if (refused.isPresent()) {
                        left.add("bitmap " + bitmap + " in " + image.getKey() + ": " + refused.get());
                        free = free && !image.getKey().equals(active);
                    } else {
                        LOG.info("a bitmap was removed vm={} image={} bitmap={}", vm.name(), image.getKey(), bitmap);
                    }
                }
            }
        }
        return free;
    }

    /** Empty when it is gone, else why it is not. */
    private static Optional<String> removeBitmap(Path image, String bitmap) {
        try {
            HostProgram.Answer answer = HostProgram.run(QEMU_IMG_PATIENCE, List.of(
                    "qemu-img", "bitmap", "--remove", "-f", "qcow2", image.toString(), bitmap));
            return answer.succeeded() ? Optional.empty() : Optional.of(answer.words());
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void dropNotes(MemorySegment domain, Predicate<String> ours, List<String> left)
            throws LibvirtException {
        if (MachineReader.power(domain) != PowerState.SHUT_OFF) {
            // Started in between: what it has is deleted in the way of a VM that runs.
            reapRunning(domain, ours, left);
            return;
        }
        for (String name : names(domain).stream().filter(ours).toList()) {
            MemorySegment checkpoint = LibvirtBlockLibrary.virDomainCheckpointLookupByName(domain, name);
            try {
                LibvirtBlockLibrary.virDomainCheckpointDelete(
                        checkpoint, LibvirtBlockLibrary.VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY);
            } catch (LibvirtException e) {
                left.add("checkpoint " + name + ": " + e.getMessage());
            } finally {
                LibvirtBlockLibrary.virDomainCheckpointFree(checkpoint);
            }
        }
    }
}
