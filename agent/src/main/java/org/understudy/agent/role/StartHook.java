package org.understudy.agent.role;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.HostProgram;

/**
 * The program that this host's libvirt asks before it starts a VM: a small shell script of ours in libvirt's folder of
 * hooks. It decides by the files of {@link RoleStore} alone, so it holds while no agent runs, and before one does.
 */
public record StartHook(Path file, Path roles) {
    /** Where libvirt, 6.5 or newer, looks for programs to run around VMs of QEMU. */
    public static final Path USUAL = Path.of("/etc/libvirt/hooks/qemu.d/understudy");

    /** The VM that never starts where the hook is asked, and what is said then. */
    public static final String TRIAL = "understudy-trial-hook";
    public static final String TRIAL_SAYS = "Understudy is asked before a VM starts.";

    private static final String OURS = "# Understudy: ";
    private static final String ROLES = "roles='/var/lib/understudy/roles'";
    private static final FolderAccess FOLDER = new FolderAccess(OptionalInt.empty(), OptionalInt.empty(), 0755);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> DAEMONS = List.of("libvirtd", "virtqemud");

    /** How it stands. */
    public enum State { AS_IT_SHOULD_BE, ANOTHERS, MISSING, NO_LIBVIRT }

    /** That of an agent with its own folder, in libvirt's usual place. */
    public static StartHook of(Path agentFolder) {
        return new StartHook(USUAL, RoleStore.folder(agentFolder.toAbsolutePath()));
    }

    /**
     * Lays it down if it is missing or an older one of ours; never over a file of others, and nowhere where libvirt has
     * no folder of its own. libvirt is then told to look at its hooks again, which it does at its start alone.
     */
    public State install() throws IOException {
        State state = state();
        if (state != State.MISSING) {
            return state;
        }
        for (Path folder : List.of(file.getParent().getParent(), file.getParent())) {
            Folders.makeNamed(folder, FOLDER);
        }
        // No program until it is whole, for libvirt runs every one that it finds.
        Path beside = file.resolveSibling("." + file.getFileName() + ".new");
        DurableFile.replace(beside, script().getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rwxr-xr-x"));
        DurableFile.rename(beside, file);
        DAEMONS.forEach(daemon -> HostProgram.ask(PATIENCE, "systemctl", "reload", daemon));
        return State.AS_IT_SHOULD_BE;
    }

    /** Looks, changing nothing; an older one of ours is missing. */
    public State state() throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return State.ANOTHERS;
            }
            String there = Files.readString(file, StandardCharsets.UTF_8);
            if (there.lines().skip(1).findFirst().filter(line -> line.startsWith(OURS)).isEmpty()) {
                return State.ANOTHERS;
            }
            return there.equals(script()) && Files.isExecutable(file) ? State.AS_IT_SHOULD_BE : State.MISSING;
        }
        return Files.isDirectory(file.getParent().getParent().getParent()) ? State.MISSING : State.NO_LIBVIRT;
    }

    private String script() throws IOException {
        try (InputStream template = StartHook.class.getResourceAsStream("qemu-hook")) {
            String quoted = "roles='" + roles.toString().replace("'", "'\\''") + "'";
            return new String(template.readAllBytes(), StandardCharsets.UTF_8).replace(ROLES, quoted);
        }
    }
}
