package org.understudy.command;

import java.util.List;
import java.util.Objects;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.ItemId;

/**
 * To which networks of a host the adapters of its replicas go: what the vault has a host keep for the day on which
 * there is no vault.
 *
 * @param digest a short word of the vault's for all that it follows from: told again when it is another
 */
public record ToldAttachments(String digest, List<OfItem> items) {
    public ToldAttachments {
        Objects.requireNonNull(digest, "digest");
        items = List.copyOf(items);
    }

    /** Those of one replica. */
    public record OfItem(ItemId item, List<AdapterAttachment> adapters) {
        public OfItem {
            Objects.requireNonNull(item, "item");
            adapters = List.copyOf(adapters);
        }
    }
}
