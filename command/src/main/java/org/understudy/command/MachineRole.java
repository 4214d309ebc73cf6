package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** What a host believes of a VM, and so whether it lets the VM start: of two copies one runs. */
public enum MachineRole {
    /** The VM runs here and is replicated from here. */
    SOURCE("source", true),
    /** Its replica is kept here; it runs elsewhere. */
    REPLICA("replica", false),
    /** It was failed over to here. */
    RUNNING_REPLICA("running-replica", true),
    /** It was failed over from here; what is left here is the old copy. */
    LEFT_BEHIND("left-behind", false),
    /** It may start here although it may run elsewhere, as a person decided at this host. */
    RELEASED("released", true);

    private final String word;
    private final boolean mayStart;

    MachineRole(String word, boolean mayStart) {
        this.word = word;
        this.mayStart = mayStart;
    }

    /** As it is written, in files and on the wire. */
    @JsonValue
    public String word() {
        return word;
    }

    public boolean mayStart() {
        return mayStart;
    }

    /** The role of this word; throws {@link IllegalArgumentException} for any other. */
    @JsonCreator
    public static MachineRole parse(String word) {
        return Arrays.stream(values()).filter(role -> role.word.equals(word)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no role " + word));
    }
}
