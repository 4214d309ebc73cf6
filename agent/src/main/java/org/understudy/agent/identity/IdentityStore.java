package org.understudy.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.understudy.command.CommandCodec;
import org.understudy.disk.DurableFile;
import org.understudy.model.HostId;

/**
 * The owner of the agent's identity on disk: {@code identity.json} in a folder that only its user can enter.
 * The private key is in that file and nowhere else.
 */
public final class IdentityStore {
    private final Path file;

    public IdentityStore(Path agentFolder) {
        this.file = agentFolder.resolve("identity").resolve("identity.json");
    }

    /** The identity, or empty when this agent was never registered. */
    public Optional<AgentIdentity> load() throws IOException {
        Optional<byte[]> bytes = DurableFile.read(file);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        JsonNode json = CommandCodec.mapper().readTree(bytes.get());
        return Optional.of(new AgentIdentity(
                HostId.parse(json.required("host").asText()),
                Pem.privateKey(json.required("key").asText()),
                Pem.certificate(json.required("certificate").asText()),
                Pem.certificate(json.required("authority").asText()),
                json.required("vaultUrl").asText()));
    }

    /** Durable when it returns. */
    public void save(AgentIdentity identity) throws IOException {
        Files.createDirectories(file.getParent().getParent());
        if (!Files.isDirectory(file.getParent())) {
            Files.createDirectory(file.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Map<String, String> json = new LinkedHashMap<>();
        json.put("host", identity.host().toString());
        json.put("vaultUrl", identity.vaultUrl());
        json.put("certificate", Pem.write(identity.certificate()));
        json.put("authority", Pem.write(identity.authority()));
        json.put("key", Pem.write(identity.key()));
        String text = CommandCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
