package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.model.VmId;

/**
 * Lays files down where a VM's firmware and TPM look for them at their first start, before libvirt would make fresh
 * ones. Each comes into being whole, under its own name; what lay there keeps its content under another.
 */
final class FirmwarePlacer {
    private static final Logger LOG = LoggerFactory.getLogger(FirmwarePlacer.class);
    private static final Set<Kind> MODULES = Set.of(Kind.TPM_2, Kind.TPM_1_2);
    /** What swtpm holds while it runs, and leaves. */
    private static final String LOCK = ".lock";
    private static final String MAKING = ".understudy-new";
    private static final DateTimeFormatter ASIDE =
            DateTimeFormatter.ofPattern("'.understudy-'yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final LibvirtFolders folders;
    private final Clock clock;

    FirmwarePlacer(LibvirtFolders folders, Clock clock) {
        this.folders = folders;
        this.clock = clock;
    }

    List<String> place(FirmwarePlacement placement, Optional<FirmwareBundle> known) throws IOException {
        List<String> aside = new ArrayList<>();
        FirmwareBundle bundle = placement.bundle();
        if (placement.variables().isPresent()) {
            variables(placement.variables().get(), bundle.part(Kind.UEFI_VARIABLES).orElseThrow(),
                    known.flatMap(it -> it.part(Kind.UEFI_VARIABLES))).ifPresent(aside::add);
        }
        for (Kind kind : bundle.only(MODULES).kinds()) {
            module(placement.vm(), kind, bundle.part(kind).orElseThrow(), known.flatMap(it -> it.part(kind)))
                    .ifPresent(aside::add);
        }
        return aside;
    }

    /** Libvirt gives the file to the emulator when it starts the VM. */
    private Optional<String> variables(Path named, byte[] content, Optional<byte[]> known) throws IOException {
        Path file = folders.seen(named);
        if (holds(file, Optional.of(content))) {
            return Optional.empty();
        }
        Folders.makeNamed(file.getParent(), FolderAccess.PASSAGE);
        Optional<String> aside = isThere(file) && !holds(file, known)
                ? Optional.of(setAside("UEFI variables", file, named)) : Optional.empty();
        DurableFile.replace(file, content);
        LOG.info("UEFI variables were laid down file={} bytes={}", named, content.length);
        return aside;
    }

    /** Libvirt makes no TPM where the folder of one is there, and gives it to the account of swtpm at the start. */
    private Optional<String> module(VmId vm, Kind kind, byte[] content, Optional<byte[]> known) throws IOException {
        Path named = LibvirtFolders.module(vm);
        Path folder = folders.seen(named);
        Path state = state(folder, kind);
        if (holds(state, Optional.of(content))) {
            return Optional.empty();
        }
        Path making = make(vm, kind, content);
        Optional<String> aside = Optional.empty();
        if (holds(state, known) && isAlone(state, folder)) {
            deleteTree(folder);
        } else if (isThere(folder)) {
            aside = Optional.of(setAside("TPM", folder, named));
        }
        Files.move(making, folder, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.forceDirectory(folder.getParent());
        LOG.info("the state of a TPM was laid down vm={} bytes={}", vm, content.length);
        return aside;
    }

    /** Whether a TPM's folder has nothing else in it that somebody may want, such as a TPM of another version. */
    private static boolean isAlone(Path state, Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .allMatch(path -> path.equals(state) || path.getFileName().toString().equals(LOCK));
        }
    }

    private Path make(VmId vm, Kind kind, byte[] content) throws IOException {
        Path making = folders.modules().resolve(vm + MAKING);
        deleteTree(making);
        Folders.makeNamed(folders.modules(), FolderAccess.PASSAGE);
        Path state = state(Folders.make(making, FolderAccess.PASSAGE), kind);
        Folders.make(state.getParent(), FolderAccess.PRIVATE);
        DurableFile.replace(state, content);
        DurableFile.forceDirectory(state.getParent());
        DurableFile.forceDirectory(making);
        return making;
    }

    private static Path state(Path folder, Kind kind) {
        return folder.resolve(FirmwarePaths.folderName(kind)).resolve(FirmwarePaths.fileName(kind));
    }

    private static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean holds(Path file, Optional<byte[]> content) throws IOException {
        return content.isPresent() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == content.get().length
                && Arrays.equals(Files.readAllBytes(file), content.get());
    }

    private String setAside(String what, Path path, Path named) throws IOException {
        String ending = ASIDE.format(clock.instant());
        Path free = path.resolveSibling(path.getFileName() + ending);
        for (int i = 2; isThere(free); i++) {
            free = path.resolveSibling(path.getFileName() + ending + "-" + i);
        }
        Files.move(path, free, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.forceDirectory(path.getParent());
        Path now = named.resolveSibling(free.getFileName());
        LOG.warn("what an earlier life of a VM kept was set aside what=\"{}\" now={}", what, now);
        return "The " + what + " that the VM had at this host before " + (what.endsWith("s") ? "were" : "was")
                + " set aside: " + now + ".";
    }

    /** What is exactly what was laid down, and nothing else. */
    void takeBack(FirmwarePlacement placement) throws IOException {
        if (placement.variables().isPresent()) {
            Path file = folders.seen(placement.variables().get());
            if (holds(file, placement.bundle().part(Kind.UEFI_VARIABLES))) {
                DurableFile.delete(file);
            }
        }
        Path folder = folders.seen(LibvirtFolders.module(placement.vm()));
        for (Kind kind : placement.bundle().only(MODULES).kinds()) {
            Path state = state(folder, kind);
            if (holds(state, placement.bundle().part(kind)) && isAlone(state, folder)) {
                deleteTree(folder);
            }
        }
    }

    /** Removes all that lies here of a VM whose identity is ours. */
    void remove(VmId vm) throws IOException {
        DurableFile.delete(folders.seen(FirmwarePlacement.variablesOfCopy(vm)));
        deleteTree(folders.modules().resolve(vm + MAKING));
        deleteTree(folders.seen(LibvirtFolders.module(vm)));
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!isThere(folder)) {
            return;
        }
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        DurableFile.forceDirectory(folder.getParent());
    }
}
