package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.understudy.model.ByteCount;

/** Who may do what with what we make, whatever the umask is. */
class FoldersTest {
    /** As on Debian; nobody's on the machine of the test. */
    private static final EmulatorAccount EMULATOR = new EmulatorAccount(64055, 64056);
    private static final int NOBODY = 65534;

    @TempDir(factory = InReachOfEverybody.class)
    private Path home;

    @Test
    void makesFilesForTheirOwnerAlone() throws Exception {
        Path replaced = home.resolve("state.json");
        DurableFile.replace(replaced, new byte[] {1});
        Path raw = home.resolve("vda.raw");
        RawFile.create(raw, ByteCount.ofMebibytes(1)).close();
        Path opened = home.resolve("vda.3-1.hrl.open");
        try (FileChannel channel = PrivateFile.open(
                opened, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertThat(channel.isOpen()).isTrue();
        }
        Path created = home.resolve("vda.qcow2");
        PrivateFile.create(created);

        for (Path file : new Path[] {replaced, raw, opened, created}) {
            assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
        }
    }

    @Test
    void takesTheRightsOfOthersFromAFileThatIsThere() throws Exception {
        Path file = Files.writeString(home.resolve("old"), "secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        PrivateFile.close(file);
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void givesAFolderItsAccessWhetherItIsThereOrNot() throws Exception {
        Path made = Folders.make(home.resolve("made"), FolderAccess.PRIVATE);
        assertThat(mode(made)).isEqualTo("rwx------");
        Folders.make(made, FolderAccess.PASSAGE);
        assertThat(mode(made)).isEqualTo("rwx--x--x");
        Folders.makeIfAbsent(made, FolderAccess.PRIVATE);
        assertThat(mode(made)).as("one that is there keeps what it has").isEqualTo("rwx--x--x");
    }

    @Test
    void letsTheEmulatorPassToAFileOfItsOwnAndNobodyElse() throws Exception {
        assumeRoot();
        Path passage = Folders.make(home.resolve("replicas"), FolderAccess.PASSAGE);
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
        Path shared = Folders.make(passage.resolve("item"), FolderAccess.sharedWith(EMULATOR));
        Path disk = shared.resolve("vda.raw");
        DurableFile.replace(disk, "data".getBytes(StandardCharsets.US_ASCII));
        Files.setAttribute(disk, "unix:uid", EMULATOR.uid());
        Path state = shared.resolve("state.json");
        DurableFile.replace(state, new byte[] {1});

        assertThat(can(EMULATOR.uid(), EMULATOR.gid(), "cat", disk)).isTrue();
        assertThat(can(EMULATOR.uid(), EMULATOR.gid(), "cat", state)).isFalse();
        assertThat(can(EMULATOR.uid(), EMULATOR.gid(), "ls", shared)).isFalse();
        assertThat(can(EMULATOR.uid(), EMULATOR.gid(), "touch", shared.resolve("new"))).isFalse();
        for (Path path : new Path[] {disk, state, shared, passage}) {
            assertThat(can(NOBODY, NOBODY, Files.isDirectory(path) ? "ls" : "cat", path)).as(path.toString()).isFalse();
        }
    }

    @Test
    void givesTheEmulatorAFolderForSockets() throws Exception {
        assumeRoot();
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
        Path sockets = Folders.make(home.resolve("sockets"), FolderAccess.ownedBy(EMULATOR));
        assertThat(can(EMULATOR.uid(), EMULATOR.gid(), "touch", sockets.resolve("s"))).isTrue();
        assertThat(can(NOBODY, NOBODY, "ls", sockets)).isFalse();
        Folders.make(sockets, FolderAccess.ownedBy(EMULATOR));
        Files.delete(sockets.resolve("s"));
    }

    @Test
    void usesNoFolderThatSomebodyElsePutThere() throws Exception {
        Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(home.resolve("link"), elsewhere);
        assertThatThrownBy(() -> Folders.make(link, FolderAccess.PRIVATE)).isInstanceOf(IOException.class);
        assumeRoot();
        Path theirs = Files.createDirectory(home.resolve("theirs"));
        Files.setAttribute(theirs, "unix:uid", NOBODY);
        assertThatThrownBy(() -> Folders.make(theirs, FolderAccess.PRIVATE))
                .isInstanceOf(FileSystemException.class).hasMessageContaining("65534");
        assertThatThrownBy(() -> Folders.makeIfAbsent(theirs, FolderAccess.PRIVATE))
                .isInstanceOf(FileSystemException.class);
    }

    @Test
    void makesNothingOnAFileSystemThatIsNotThere() {
        assertThatThrownBy(() -> Folders.make(home.resolve("unmounted/item"), FolderAccess.PRIVATE))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(home.resolve("unmounted")).doesNotExist();
    }

    @Test
    void makesTheWayToAFolderThatAPersonNamedAndLeavesWhatIsThere() throws Exception {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-x---"));
        Path named = Folders.makeNamed(home.resolve("a/b"), FolderAccess.PASSAGE);
        assertThat(mode(named)).isEqualTo("rwx--x--x");
        assertThat(mode(named.getParent())).isEqualTo("rwx--x--x");
        assertThat(mode(home)).isEqualTo("rwxr-x---");
        Path link = Files.createSymbolicLink(home.resolve("link"), named);
        assertThat(Folders.makeNamed(link, FolderAccess.PRIVATE)).isEqualTo(link);
        assertThat(mode(named)).isEqualTo("rwx--x--x");
    }

    @Test
    void readsAnAccountAsLibvirtWritesIt() {
        assertThat(EmulatorAccount.ofLabel("+64055:+109")).contains(new EmulatorAccount(64055, 109));
        assertThat(EmulatorAccount.ofLabel("0:0")).contains(new EmulatorAccount(0, 0));
        assertThat(EmulatorAccount.ofLabel("libvirt-qemu:kvm")).isEmpty();
        assertThat(EmulatorAccount.ofLabel("+4294967295:+1")).isEmpty();
    }

    /** Where the tests' own folder is, others may not pass. */
    static final class InReachOfEverybody implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(Path.of("/tmp"), "understudy-folders");
        }
    }

    private static void assumeRoot() throws IOException {
        assumeTrue(EmulatorAccount.own().uid() == 0, "gives folders to other users, which only root may");
    }

    private static boolean can(int uid, int gid, String program, Path path) throws Exception {
        Process process = new ProcessBuilder("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups",
                program, path.toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }
}
