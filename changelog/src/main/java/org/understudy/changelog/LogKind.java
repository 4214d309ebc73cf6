package org.understudy.changelog;

/** What the logs of a folder are for; the format is the same. */
public enum LogKind {
    /** New content, from the source to the replica. */
    CHANGE("hrl"),
    /** Old content, kept at the target to go back to a point. */
    UNDO("hru");

    private final String extension;

    LogKind(String extension) {
        this.extension = extension;
    }

    /** The end of the file's name, without a dot. */
    public String extension() {
        return extension;
    }
}
