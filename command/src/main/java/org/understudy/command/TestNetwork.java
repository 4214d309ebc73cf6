package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;

/** Where the adapters of a test VM go (TF-04). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TestNetwork.None.class, name = "none"),
    @JsonSubTypes.Type(value = TestNetwork.Existing.class, name = "existing"),
    @JsonSubTypes.Type(value = TestNetwork.CreateIsolated.class, name = "create-isolated"),
})
public sealed interface TestNetwork {
    /** The test VM is connected to nothing. */
    record None() implements TestNetwork {}

    /** A network of the target host that the administrator keeps apart from production. */
    record Existing(String network) implements TestNetwork {
        public Existing {
            Objects.requireNonNull(network, "network");
        }
    }

    /** A network without a way out, made for the test and removed by its clean-up. */
    record CreateIsolated() implements TestNetwork {}
}
