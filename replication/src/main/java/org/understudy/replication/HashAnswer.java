package org.understudy.replication;

import java.nio.ByteBuffer;
import java.util.Objects;

/** What a target answers to a {@link HashRequest}. */
public sealed interface HashAnswer {
    /** One hash has so many bytes. */
    int HASH_BYTES = 16;

    /** The hashes of all blocks that were asked for, one after the other; whoever reads them duplicates the buffer. */
    record Hashes(ByteBuffer bytes) implements HashAnswer {
        public Hashes {
            bytes = bytes.asReadOnlyBuffer();
        }
    }

    /** What it acknowledged is not applied yet, so that its disks are not what was asked about. */
    record NotNow(String why) implements HashAnswer {
        public NotNow {
            Objects.requireNonNull(why, "why");
        }
    }

    /** It is of a release that compares nothing. */
    record NeverHeardOf() implements HashAnswer {}
}
