package org.understudy.hypervisor.libvirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The firmware that a host describes to its libvirt, in the JSON files from which libvirt chooses. Read to know
 * beforehand whether variables from elsewhere fit: firmware that finds variables of another length hangs.
 */
final class FirmwareDescriptions {
    private static final Logger LOG = LoggerFactory.getLogger(FirmwareDescriptions.class);
    private static final JsonMapper JSON = new JsonMapper();

    private FirmwareDescriptions() {}

    /**
     * How long the variables of UEFI firmware for an architecture are, of all that keeps them in a plain file. What
     * cannot be read is left out: no VM of another kind is to suffer for it.
     */
    static Set<Long> variableBytes(LibvirtFolders folders, String architecture) {
        Set<Long> lengths = new HashSet<>();
        for (Path file : files(folders).values()) {
            try {
                JsonNode described = JSON.readTree(Files.readAllBytes(file));
                JsonNode template = described.path("mapping").path("nvram-template");
                boolean plain = names(described.path("interface-types")).contains("uefi")
                        && described.path("mapping").path("device").asText().equals("flash")
                        && template.path("format").asText().equals("raw")
                        && architectures(described).contains(architecture);
                if (plain) {
                    lengths.add(Files.size(folders.seen(Path.of(template.path("filename").asText()))));
                }
            } catch (IOException | InvalidPathException e) {
                LOG.debug("a description of firmware is not understood file={}", file, e);
            }
        }
        return lengths;
    }

    /** By name: the administrator's file goes before the package's of the same name, and an empty one hides it. */
    private static Map<String, Path> files(LibvirtFolders folders) {
        Map<String, Path> files = new TreeMap<>();
        for (Path folder : folders.firmwareDescriptions()) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.json")) {
                found.forEach(file -> files.putIfAbsent(file.getFileName().toString(), file));
            } catch (IOException | DirectoryIteratorException e) {
                LOG.debug("a folder of descriptions of firmware is not there folder={}", folder, e);
            }
        }
        return files;
    }

    private static List<String> architectures(JsonNode described) {
        return described.path("targets").valueStream().map(target -> target.path("architecture").asText()).toList();
    }

    private static List<String> names(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
