package org.understudy.vault.name;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The refusals that all stores share, in one wording: what is not there, what is there twice, what is in use. */
public final class Missing {
    /** By which command the objects of a kind are listed. */
    private static final Map<String, String> LISTS = Map.of("cloud", "cloud list", "cloud pair", "pair list",
            "host", "host list", "network mapping", "network mappings", "policy", "policy list",
            "protected item", "item list", "site", "site list", "virtual machine", "vm list");

    private Missing() {}

    /** There is none of that name or id. */
    public static FailureException none(String kind, String nameOrId) {
        return FailureException.of(FailureCode.NOT_FOUND,
                "there is no " + kind + " \"" + nameOrId + "\" in this vault",
                Optional.ofNullable(LISTS.get(kind)).map(list -> "Use a name or id from the list: understudy " + list)
                        .orElse(FailureCode.NOT_FOUND.recommendedAction()));
    }

    /** The name is taken. */
    public static FailureException taken(String kind, ObjectName name) {
        return FailureException.of(FailureCode.ALREADY_EXISTS, "a " + kind + " \"" + name + "\" exists already");
    }

    /** It cannot be deleted or moved; {@code users} names what uses it. */
    public static FailureException used(String kind, String name, String users) {
        return FailureException.of(FailureCode.IN_USE, kind + " " + name + " is in use by " + users);
    }

    /** Words of what uses something, {@code host a, b}; empty when nothing does. */
    public static Optional<String> users(String kind, List<String> names) {
        return names.isEmpty() ? Optional.empty() : Optional.of(kind + " " + String.join(", ", names));
    }

    /** The first kind of users that there are any of. */
    public static Optional<String> firstOf(List<Optional<String>> users) {
        return users.stream().flatMap(Optional::stream).findFirst();
    }
}
