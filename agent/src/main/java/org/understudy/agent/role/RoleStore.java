package org.understudy.agent.role;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.understudy.command.CommandCodec;
import org.understudy.command.HeldRole;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.PlainText;
import org.understudy.model.VmId;

/**
 * The owner of {@code roles/<UUID of the VM>}: one small file for each VM that has a role at this host, in lines
 * {@code key=value}, which the hook of libvirt reads as well ({@code docs/formats/roles.md}). Durable when a method
 * returns. One writer at a time in this process; a person's command may write beside it, whole files alone.
 */
public final class RoleStore {
    static final String VERSION = "1";
    private static final Pattern VM = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final Path root;

    public RoleStore(Path agentFolder) throws IOException {
        Folders.makeNamed(agentFolder, FolderAccess.PASSAGE);
        this.root = Folders.make(folder(agentFolder), FolderAccess.PRIVATE);
    }

    /** Where an agent keeps its roles. */
    public static Path folder(Path agentFolder) {
        return agentFolder.resolve("roles");
    }

    /** The role of a VM; empty when it has none here. */
    public Optional<RoleNote> find(VmId vm) throws IOException {
        Optional<byte[]> bytes = DurableFile.read(root.resolve(vm.toString()));
        return bytes.isPresent() ? Optional.of(parse(vm, new String(bytes.get(), StandardCharsets.UTF_8)))
                : Optional.empty();
    }

    /** Whether a VM has a role here, one that cannot be read too. */
    public boolean isThere(VmId vm) {
        return Files.exists(root.resolve(vm.toString()));
    }

    /** Every VM's; one that cannot be read is told and hides no other. */
    public List<RoleNote> all(Consumer<Failure> troubles) throws IOException {
        List<RoleNote> notes = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root,
                file -> VM.matcher(file.getFileName().toString()).matches())) {
            for (Path file : files) {
                try {
                    find(VmId.parse(file.getFileName().toString())).ifPresent(notes::add);
                } catch (FailureException e) {
                    troubles.accept(e.failure());
                }
            }
        } catch (NoSuchFileException e) {
            return notes;
        }
        notes.sort((one, other) -> one.held().vm().value().compareTo(other.held().vm().value()));
        return notes;
    }

    void save(RoleNote note) throws IOException {
        HeldRole held = note.held();
        String text = String.join("\n", "version=" + VERSION, "role=" + held.role().word(),
                "refusal=" + PlainText.of(note.refusal()), "autostart=" + (note.autostart() ? "yes" : "no"),
                "held=" + CommandCodec.mapper().writeValueAsString(held)) + "\n";
        DurableFile.replace(root.resolve(held.vm().toString()), text.getBytes(StandardCharsets.UTF_8));
    }

    void remove(VmId vm) throws IOException {
        DurableFile.delete(root.resolve(vm.toString()));
    }

    private RoleNote parse(VmId vm, String text) throws IOException {
        Map<String, String> lines = new HashMap<>();
        text.lines().forEach(line -> lines.put(line.replaceFirst("=.*", ""), line.replaceFirst("^[^=]*=?", "")));
        try {
            HeldRole held = CommandCodec.mapper().readValue(lines.getOrDefault("held", ""), HeldRole.class);
            boolean agrees = VERSION.equals(lines.get("version")) && held.vm().equals(vm)
                    && held.role().word().equals(lines.get("role"));
            if (!agrees) {
                throw new IllegalArgumentException("its lines contradict each other");
            }
            return new RoleNote(held, lines.getOrDefault("refusal", ""), "yes".equals(lines.get("autostart")));
        } catch (IOException | RuntimeException e) {
            throw FailureException.of(FailureCode.SOURCE_IO_FAILED, "The role of VM " + vm + " at this host, "
                    + root.resolve(vm.toString()) + ", cannot be read: " + FailureTeller.reason(e) + ".",
                    "See where the VM runs; it does not start here until: understudy agent release " + vm
                            + " --reason TEXT").causedBy(e);
        }
    }
}
