package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The folder in which this host's administrator lays out kernels, initial RAM disks and device trees for VMs that begin
 * from such files: whatever else a definition names is not opened. Absent is as good as empty.
 */
public record BootFolder(Path path) {
    /** Where it is unless an agent is told otherwise. */
    public static final String USUAL = "/var/lib/understudy/boot";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._+-]{1,200}");

    public BootFolder {
        Objects.requireNonNull(path, "path");
    }

    /** The files in it, by name; no folders and no links. */
    Map<String, Path> files() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        if (!Files.isDirectory(path)) {
            return files;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (PLAIN.matcher(name).matches() && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    files.put(name, entry.toAbsolutePath());
                }
            }
        }
        return files;
    }
}
