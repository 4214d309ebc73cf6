package org.understudy.vault.name;

import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * How a request refers to an object: by its id when the text is one, by its name otherwise. The one place where text
 * becomes an id; behind it ids are ids.
 */
public sealed interface Reference {
    record ById(UUID id) implements Reference {}

    record ByName(String name) implements Reference {}

    static Reference of(String text) {
        return ObjectName.isId(text) ? new ById(UUID.fromString(text)) : new ByName(text);
    }

    /** The object of that id, or of that name: never the one that is named by another's id. */
    static <T> Optional<T> resolve(
            String text, Function<UUID, Optional<T>> byId, Function<String, Optional<T>> byName) {
        return switch (of(text)) {
            case ById(UUID id) -> byId.apply(id);
            case ByName(String name) -> byName.apply(name);
        };
    }
}
