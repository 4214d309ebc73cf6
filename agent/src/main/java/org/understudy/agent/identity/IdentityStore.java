package org.understudy.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.understudy.command.CommandCodec;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostId;

/**
 * The owner of the agent's identity on disk: {@code identity.json} in a folder that only its user can enter.
 * The private key is in that file and nowhere else.
 */
public final class IdentityStore {
    private final Path file;

    public IdentityStore(Path agentFolder) {
        this.file = file(agentFolder);
    }

    static Path file(Path agentFolder) {
        return agentFolder.resolve("identity").resolve("identity.json");
    }

    /** The identity, or empty when this agent was never registered; REQUEST_INVALID of a file that is damaged. */
    public Optional<AgentIdentity> load() throws IOException {
        Optional<byte[]> bytes = DurableFile.read(file);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return parse(bytes.get());
        } catch (IOException | IllegalArgumentException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "The agent's identity, " + file + ", is damaged.",
                    "Restore the file; or delete it and register this host anew with a key made for it.").causedBy(e);
        }
    }

    private static Optional<AgentIdentity> parse(byte[] bytes) throws IOException {
        JsonNode json = CommandCodec.mapper().readTree(bytes);
        return Optional.of(new AgentIdentity(
                HostId.parse(json.required("host").asText()),
                Pem.privateKey(json.required("key").asText()),
                Pem.certificate(json.required("certificate").asText()),
                Pem.certificate(json.required("authority").asText()),
                json.required("vaultUrl").asText()));
    }

    /** Makes the agent's folder and refuses one in which nothing can be saved, before anybody is asked for anything. */
    public void requireWritable() {
        Path folder = file.getParent().getParent();
        try {
            Folders.makeNamed(folder, FolderAccess.PASSAGE);
            Path probe = folder.resolve("identity.probe");
            DurableFile.replace(probe, new byte[0]);
            DurableFile.delete(probe);
        } catch (IOException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "The agent's identity cannot be kept in " + folder + ": " + FailureTeller.reason(e) + ".",
                    "Give the agent another folder with --data, or run it as another user.").causedBy(e);
        }
    }

    /** Durable when it returns. */
    public void save(AgentIdentity identity) throws IOException {
        Folders.makeNamed(file.getParent().getParent(), FolderAccess.PASSAGE);
        Folders.make(file.getParent(), FolderAccess.PRIVATE);
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
