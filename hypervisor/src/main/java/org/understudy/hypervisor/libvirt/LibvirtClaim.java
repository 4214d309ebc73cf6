package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.PrivateFile;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The file by whose lock one process has a libvirt for itself, in a folder of the host that a restart empties. The
 * kernel lets go of it however that process ends; the file stays and says who had it last.
 *
 * @param folder the same for all agents of a host
 * @param uri of the libvirt; two that lead to one socket are one libvirt
 */
record LibvirtClaim(Path folder, String uri) {
    private static final Pattern SOCKET = Pattern.compile("[?&]socket=([^&]+)");
    private static final Path USUAL_SOCKETS = Path.of("/run/libvirt");
    private static final int WORDS_BYTES_MAX = 4096;

    /** Takes the lock, or refuses with IN_USE. */
    AutoCloseable take(String by) throws IOException {
        Folders.makeNamed(folder, FolderAccess.PASSAGE);
        FileChannel channel = PrivateFile.open(file(), StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            if (!locked(channel)) {
                throw FailureException.of(FailureCode.IN_USE, "Another agent works with the libvirt of this host"
                        + " already (" + uri + "): " + words(channel) + ".",
                        "End one of the two: a host has one agent, and each would end what the other has under way.");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((by + ", process " + ProcessHandle.current().pid())
                    .getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by this very process: in use all the same.
            return false;
        }
    }

    private static String words(FileChannel channel) throws IOException {
        ByteBuffer words = ByteBuffer.allocate(WORDS_BYTES_MAX);
        channel.read(words, 0);
        String text = StandardCharsets.UTF_8.decode(words.flip()).toString();
        return text.isEmpty() ? "one that has just begun" : text;
    }

    private Path file() throws IOException {
        Matcher named = SOCKET.matcher(uri);
        Path socket = named.find() ? Path.of(named.group(1)).toAbsolutePath() : USUAL_SOCKETS.resolve("libvirt-sock");
        Path sockets = socket.getParent();
        // The folder itself and not its name, which is another in each namespace and the same for many a libvirt.
        String place = Files.isDirectory(sockets)
                ? Files.getAttribute(sockets, "unix:dev") + " " + Files.getAttribute(sockets, "unix:ino")
                : sockets.toString();
        boolean session = uri.contains(":///session");
        String which = (session ? "session " + System.getProperty("user.name") : "system") + " " + place;
        return folder.resolve("claim-" + UUID.nameUUIDFromBytes(which.getBytes(StandardCharsets.UTF_8)) + ".lock");
    }
}
