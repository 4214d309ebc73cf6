package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.RawFile;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Where the disks of one replica lie: raw files in its folder, or images that were there before it, as
 * {@code disks.json} says. Never changes after the replica was made. Safe for threads.
 */
final class DiskPlaces {
    private final ReplicaSpec spec;
    private final ReplicaFolder folder;
    private final Map<DiskName, AdoptedImage> adopted;

    private DiskPlaces(ReplicaSpec spec, ReplicaFolder folder, Map<DiskName, AdoptedImage> adopted) {
        this.spec = spec;
        this.folder = folder;
        this.adopted = new TreeMap<>(adopted);
    }

    /** What {@code disks.json} says; the file is absent where all disks are raw files in the folder. */
    record Record(Map<DiskName, Place> adopted) {
        record Place(String file, String format) {}

        static Record of(Map<DiskName, AdoptedImage> images) {
            Map<DiskName, Place> places = new TreeMap<>();
            images.forEach((disk, image) -> places.put(disk, new Place(image.file().toString(), image.format())));
            return new Record(places);
        }
    }

    static DiskPlaces read(ReplicaSpec spec, ReplicaFolder folder) throws IOException {
        Map<DiskName, AdoptedImage> adopted = new TreeMap<>();
        ReplicaJson.read(folder.disks(), Record.class).ifPresent(record -> record.adopted().forEach((disk, place) ->
                adopted.put(disk, new AdoptedImage(Path.of(place.file()), place.format()))));
        return new DiskPlaces(spec, folder, adopted);
    }

    /** The image of a disk that was there before the replica. */
    Optional<AdoptedImage> adopted(DiskName disk) {
        return Optional.ofNullable(adopted.get(disk));
    }

    boolean adopted() {
        return !adopted.isEmpty();
    }

    Path file(DiskName disk) {
        return adopted(disk).map(AdoptedImage::file).orElseGet(() -> folder.disk(disk));
    }

    /** QEMU's word for what the file is. */
    String format(DiskName disk) {
        return adopted(disk).map(AdoptedImage::format).orElse("raw");
    }

    /** The disk, to read and write; the image of an adopted one is closed to everybody else until it is closed. */
    BlockDevice open(DiskName disk) throws IOException {
        Optional<AdoptedImage> image = adopted(disk);
        if (image.isEmpty()) {
            return RawFile.open(folder.disk(disk));
        }
        requireFitting(spec, disk, image.get());
        return ImageDevice.open(image.get().file(), image.get().format(), folder.server(disk));
    }

    /** Ends servers of images that a process left which was killed while it opened them. */
    void reap() throws IOException {
        for (DiskName disk : adopted.keySet()) {
            ImageDevice.reap(folder.server(disk));
        }
    }

    /** REPLICA_CORRUPT when a disk is missing or not of its size. */
    void requireWhole() throws IOException {
        for (ReplicaDisk disk : spec.disks()) {
            Path file = file(disk.name());
            boolean raw = format(disk.name()).equals("raw");
            if (!Files.exists(file) || raw && Files.size(file) != disk.size().bytes()) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "replica disk " + file
                        + " is missing or not of " + disk.size().bytes() + " bytes");
            }
        }
    }

    /** Refuses with STATE_FORBIDS an image that is not whole by itself, or not of the disk's size. */
    static void requireFitting(ReplicaSpec spec, DiskName disk, AdoptedImage image) throws IOException {
        ImageFacts facts = ImageFacts.of(image.file(), image.format());
        Optional<String> why = facts.below().map(below -> "rests on image " + below
                        + ", which others may use and change; make it stand alone first (virsh blockpull, or qemu-img "
                        + "rebase -b \"\" while its VM is off)")
                .or(() -> facts.size().equals(spec.disk(disk).size()) ? Optional.empty() : Optional.of("holds "
                        + facts.size().bytes() + " bytes, and the disk has " + spec.disk(disk).size().bytes()))
                .or(() -> facts.damaged() ? Optional.of("is marked as corrupt by QEMU") : Optional.empty())
                .or(() -> facts.encrypted() ? Optional.of("is encrypted") : Optional.empty());
        if (why.isPresent()) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "Image " + image.file() + " cannot become disk " + disk
                    + " of the replica of VM " + spec.vmName() + ": it " + why.get() + ".",
                    "Mend that and ask again, or have a new replica made; the image was not changed.");
        }
    }
}
