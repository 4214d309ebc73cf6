package org.understudy.vault.http;

import java.nio.charset.StandardCharsets;
import org.understudy.api.ApiCodec;

/** An answer as it goes out. */
public record Answer(int status, String mediaType, byte[] body) {
    static final int ACCEPTED = 202;
    private static final byte[] NOTHING = {};

    /** A view with the status given. */
    public static Answer of(int status, Object view) {
        return new Answer(status, "application/json", Json.write(ApiCodec.mapper(), view));
    }

    /** Something was made: 201. */
    public static Answer created(Object view) {
        return of(201, view);
    }

    /** Something was begun, and the view is of the job: 202. */
    public static Answer accepted(Object view) {
        return of(ACCEPTED, view);
    }

    /** The same, in words that were sent before. */
    static Answer accepted(byte[] view) {
        return new Answer(ACCEPTED, "application/json", view);
    }

    /** Text of another kind than JSON. */
    public static Answer text(String mediaType, String text) {
        return new Answer(200, mediaType, text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer from(Object answer) {
        return switch (answer) {
            case null -> new Answer(204, "", NOTHING);
            case Answer ready -> ready;
            case Object view -> of(200, view);
        };
    }
}
