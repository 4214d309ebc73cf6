package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;

/**
 * The identity of one direction of a protected item: who ships to whom, from its beginning until the item is reversed
 * or ends. Written {@code <item>.<generation>}, in folder names too.
 *
 * <p>In JSON it is two properties, {@code item} and {@code generation}, of which the first release knew the first
 * alone: a word without a generation is of the first one.
 *
 * @param generation 1 for the direction in which the item was protected, one more each time it is reversed
 */
public record RelationshipId(ItemId item, long generation) {
    public static final long FIRST = 1;
    /** Far more than anybody reverses; keeps names in which it stands short. */
    private static final long LAST = 999_999_999;

    public RelationshipId {
        Objects.requireNonNull(item, "item");
        if (generation < FIRST || generation > LAST) {
            throw new IllegalArgumentException("a generation is from " + FIRST + " to " + LAST + ", not " + generation);
        }
    }

    /** The direction in which an item is protected first. */
    public static RelationshipId first(ItemId item) {
        return new RelationshipId(item, FIRST);
    }

    @JsonCreator
    static RelationshipId read(@JsonProperty("item") ItemId item, @JsonProperty("generation") Long generation) {
        return new RelationshipId(item, generation == null ? FIRST : generation);
    }

    /** Parses {@link #toString}; throws {@link IllegalArgumentException} for anything else. */
    public static RelationshipId parse(String text) {
        int dot = text.indexOf('.');
        RelationshipId parsed = new RelationshipId(
                ItemId.parse(dot < 0 ? text : text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
        if (!parsed.toString().equals(text)) {
            throw new IllegalArgumentException("a relationship is written item.generation");
        }
        return parsed;
    }

    /** The other direction, in which the item goes on after it was reversed. */
    public RelationshipId next() {
        return new RelationshipId(item, generation + 1);
    }

    /** The position before its first cycle. */
    public LogPosition start() {
        return LogPosition.startOf(generation);
    }

    /**
     * The name of its folders: the item's alone for the first generation, as hosts have it since the first release.
     */
    public String folderName() {
        return generation == FIRST ? item.toString() : toString();
    }

    /** Whose folder it is by that name; throws {@link IllegalArgumentException} for a name that is none. */
    public static RelationshipId ofFolder(String name) {
        RelationshipId named = name.indexOf('.') < 0 ? first(ItemId.parse(name)) : parse(name);
        if (!named.folderName().equals(name)) {
            throw new IllegalArgumentException("no folder of a relationship is named so");
        }
        return named;
    }

    @Override
    public String toString() {
        return item + "." + generation;
    }
}
