package org.understudy.agent.identity;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * What an agent's folders hold of a host besides its identity: relationships, remembered answers, replicas. All of it
 * belongs to the host that the vault knows; an agent that is another host would answer for none of it, and nobody
 * would find it again. Looks only; makes and changes nothing.
 */
public final class HostRemains {
    /** Replicas lie in folders named by their items; what else a file system has, such as lost+found, is no replica. */
    private static final Pattern REPLICA = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}.*");

    private final Path folder;
    private final Path replicas;

    /**
     * Of a host.
     *
     * @param folder the agent's own
     * @param replicas where it keeps replicas of other hosts' VMs
     */
    public HostRemains(Path folder, Path replicas) {
        this.folder = folder;
        this.replicas = replicas;
    }

    /** Refuses an agent without identity in a folder that is a host's: it is not the folder of a new host. */
    public void requireNone() throws IOException {
        List<String> held = held();
        if (!held.isEmpty()) {
            throw incomplete(held, "Restore the file; or have an administrator make a key for this host (understudy "
                    + "registration-key create --host NAME --output FILE) and register with that.");
        }
    }

    /** Refuses a key for hosts with new names in such a folder; one that was made for a host brings it back. */
    public void requireNoneFor(KeyFile key) throws IOException {
        List<String> held = held();
        if (!held.isEmpty() && key.host().isEmpty()) {
            throw incomplete(held, "Restore the file; or have an administrator make a key for this host (understudy "
                    + "registration-key create --host NAME --output FILE). A new host takes empty folders: --data, "
                    + "--replica-folder.");
        }
    }

    private FailureException incomplete(List<String> held, String whatToDo) {
        return FailureException.of(FailureCode.AGENT_FOLDER_INCOMPLETE,
                "The agent's folder %s is that of a host (it has %s), and its identity, %s, is missing.".formatted(
                        folder, String.join(", ", held), IdentityStore.file(folder)), whatToDo);
    }

    private List<String> held() throws IOException {
        List<String> held = new ArrayList<>();
        addIfAny(held, "relationships", folder.resolve("relationships"), Pattern.compile(".+"));
        addIfAny(held, "answers", folder.resolve("answers"), Pattern.compile(".+"));
        addIfAny(held, "replicas in " + replicas, replicas, REPLICA);
        return held;
    }

    private static void addIfAny(List<String> held, String what, Path in, Pattern names) throws IOException {
        if (!Files.isDirectory(in)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(in,
                entry -> names.matcher(entry.getFileName().toString()).matches())) {
            if (entries.iterator().hasNext()) {
                held.add(what);
            }
        }
    }
}
