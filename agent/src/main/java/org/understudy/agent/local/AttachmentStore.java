package org.understudy.agent.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.CommandCodec;
import org.understudy.command.ToldAttachments;
import org.understudy.disk.DurableFile;
import org.understudy.model.ItemId;

/**
 * The owner of {@code attachments.json}: to which networks of this host the adapters of its replicas go, as the vault
 * told last, for the day on which there is no vault. For many threads.
 */
public final class AttachmentStore implements Consumer<ToldAttachments> {
    private static final Logger LOG = LoggerFactory.getLogger(AttachmentStore.class);

    private final Path file;
    private Optional<ToldAttachments> last = Optional.empty();

    public AttachmentStore(Path agentFolder) {
        this.file = agentFolder.resolve("attachments.json");
    }

    /** Keeps what is told; what cannot be kept is told again, for its digest is not ours then. */
    @Override
    public synchronized void accept(ToldAttachments told) {
        try {
            DurableFile.replace(file, CommandCodec.mapper().writeValueAsBytes(told));
            last = Optional.of(told);
        } catch (IOException e) {
            LOG.error("the networks of replicas were not written down", e);
        }
    }

    /** The digest of what is kept; empty when nothing is, or nothing readable. */
    public Optional<String> digest() {
        return told().map(ToldAttachments::digest);
    }

    /** Where the adapters of an item's VM go; empty when nobody ever told. */
    Optional<List<AdapterAttachment>> of(ItemId item) {
        return told().flatMap(told -> told.items().stream().filter(one -> one.item().equals(item)).findFirst())
                .map(ToldAttachments.OfItem::adapters);
    }

    private synchronized Optional<ToldAttachments> told() {
        if (last.isPresent()) {
            return last;
        }
        try {
            Optional<byte[]> bytes = DurableFile.read(file);
            if (bytes.isPresent()) {
                last = Optional.of(CommandCodec.mapper().readValue(bytes.get(), ToldAttachments.class));
            }
            return last;
        } catch (JsonProcessingException torn) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("the networks of replicas cannot be read file={}", file, e);
            return Optional.empty();
        }
    }
}
