package org.understudy.hypervisor.libvirt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The firmware that a host describes to its libvirt, in the JSON files from which libvirt chooses. Read to know
 * beforehand whether variables from elsewhere fit: firmware that finds variables of another length hangs.
 */
final class FirmwareDescriptions {
    private static final JsonMapper JSON = new JsonMapper();

    private FirmwareDescriptions() {}

    /**
     * How long the variables of UEFI firmware for an architecture are, of all that keeps them in a plain file.
     *
     * @throws IOException when the folders of descriptions cannot be listed
     */
    static Set<Long> variableBytes(LibvirtFolders folders, String architecture) throws IOException {
        Set<Long> lengths = new HashSet<>();
        for (Path file : files(folders).values()) {
            JsonNode described = read(file);
            JsonNode mapping = described.path("mapping");
            boolean plain = names(described.path("interface-types")).contains("uefi")
                    && mapping.path("device").asText().equals("flash")
                    && mapping.path("nvram-template").path("format").asText().equals("raw")
                    && architectures(described).contains(architecture);
            Path template = folders.seen(Path.of(mapping.path("nvram-template").path("filename").asText()));
            if (plain && Files.isRegularFile(template)) {
                lengths.add(Files.size(template));
            }
        }
        return lengths;
    }

    /** By name: the administrator's file goes before the package's of the same name, and an empty one hides it. */
    private static Map<String, Path> files(LibvirtFolders folders) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        for (Path folder : folders.firmwareDescriptions()) {
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.json")) {
                    found.forEach(file -> files.putIfAbsent(file.getFileName().toString(), file));
                }
            }
        }
        return files;
    }

    private static JsonNode read(Path file) throws IOException {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (JsonProcessingException notOne) {
            return JSON.missingNode();
        }
    }

    private static List<String> architectures(JsonNode described) {
        return described.path("targets").valueStream().map(target -> target.path("architecture").asText()).toList();
    }

    private static List<String> names(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
