package org.understudy.model;

/**
 * The catalogue of failures: every error a person can meet has its name here, and the handbook's chapter is made
 * from it.
 * The kind, not the exception's class, decides whether something is tried again.
 */
public enum FailureCode {
    // The caller's mistake: nothing was changed.
    REQUEST_INVALID(Kind.CALLER_MISTAKE, "Correct the request as the message says and send it again."),
    REQUEST_TOO_LARGE(Kind.CALLER_MISTAKE, "Ask for less at once, or send it in parts; the message tells the limit."),
    NOT_FOUND(Kind.CALLER_MISTAKE, "List the objects of that kind and use a name or id from the list."),
    ALREADY_EXISTS(Kind.CALLER_MISTAKE, "Choose another name, or use the one that exists."),
    IN_USE(Kind.CALLER_MISTAKE, "Remove what uses it first; the message names it."),
    NOT_AUTHENTICATED(Kind.CALLER_MISTAKE,
            "Log in with a token of this vault (the file admin.token in its data folder)."),
    NOT_PERMITTED(Kind.CALLER_MISTAKE, "Ask for a role that allows it."),
    REGISTRATION_KEY_EXPIRED(Kind.CALLER_MISTAKE,
            "Make a new key in the vault (keys are valid for 5 days) and register again."),
    REGISTRATION_KEY_OF_ANOTHER_VAULT(Kind.CALLER_MISTAKE, "Make a key in the vault that this host is to join."),
    REGISTRATION_KEY_INVALID(Kind.CALLER_MISTAKE, "Copy the key file again, whole and unchanged, or make a new key."),
    REGISTRATION_KEY_SPENT(Kind.CALLER_MISTAKE,
            "Make a new key in the vault and register again: a key is for one host, unless it was made for more."),
    VAULT_CERTIFICATE_WRONG(Kind.NEEDS_OPERATOR,
            "Check the vault's address; if the vault was set up anew, make a new registration key and register again."),
    OPERATION_IN_PROGRESS(Kind.CALLER_MISTAKE, "Wait for the job that the message names, or cancel it."),
    VM_ALREADY_PROTECTED(Kind.CALLER_MISTAKE, "Use the protected item that exists, or disable its protection first."),
    VM_CANNOT_BE_PROTECTED(Kind.CALLER_MISTAKE,
            "Change what the message names (disk format, sharing, pass-through) and try again."),
    NO_CLOUD_PAIR(Kind.CALLER_MISTAKE, "Pair the cloud of the VM's host with a cloud of the other site first."),
    STATE_FORBIDS(Kind.CALLER_MISTAKE, "The message says which operations are allowed in this state."),
    NO_RECOVERY_POINT(Kind.CALLER_MISTAKE,
            "Wait until initial replication has finished, or choose a point from the list."),
    SOURCE_STILL_RUNNING(Kind.CALLER_MISTAKE,
            "Let the failover shut the source VM down, or force it with a reason if you know that it does not run."),

    // May pass by itself: tried again with growing pauses.
    AGENT_UNREACHABLE(Kind.TRY_AGAIN,
            "Check that the host runs and its agent reaches the vault; work goes on by itself."),
    BUSY(Kind.TRY_AGAIN, "Wait a minute and try again; nothing was changed."),
    VAULT_UNREACHABLE(Kind.TRY_AGAIN, "Check the vault's address and network; replication goes on meanwhile."),
    DATABASE_UNREACHABLE(Kind.TRY_AGAIN, "Check the vault's database and its disk; work goes on by itself."),
    LINK_LOST(Kind.TRY_AGAIN, "Check the network between the two hosts; replication goes on by itself where it stood."),
    AGENTS_DIFFER(Kind.TRY_AGAIN,
            "Install the same release on both hosts; replication goes on by itself where it stood."),
    HYPERVISOR_UNREACHABLE(Kind.TRY_AGAIN, "Check that libvirtd runs on the host; work goes on by itself."),
    HYPERVISOR_BUSY(Kind.TRY_AGAIN,
            "Wait for the job on the VM that the message names, or end it; work goes on by itself."),
    RELATIONSHIP_OVER(Kind.TRY_AGAIN,
            "Nothing is to be done: the item goes on in another direction; this side keeps what it knows."),
    VM_NOT_RUNNING(Kind.TRY_AGAIN, "Nothing changes while the VM is shut off; replication goes on when it runs."),
    TARGET_STORAGE_FULL(Kind.TRY_AGAIN, "Free space where the message says; replication goes on by itself."),
    SOURCE_STORAGE_FULL(Kind.TRY_AGAIN, "Free space where the message says; replication goes on by itself."),
    SOURCE_IO_FAILED(Kind.TRY_AGAIN,
            "Check the source host's disks and libvirt as the message says; it is tried again."),
    TARGET_IO_FAILED(Kind.TRY_AGAIN, "Check the target host's disks as the message says; it is tried again."),

    // Needs a decision or a hand.
    HOST_ANSWERS_TWICE(Kind.NEEDS_OPERATOR,
            "Stop the agent on the machine that was copied, and register it as a host of its own."),
    NO_SUITABLE_HOST(Kind.NEEDS_OPERATOR,
            "Add a host, or the network it lacks, to the target cloud; the message names both."),
    DISK_CHANGED(Kind.NEEDS_OPERATOR,
            "Disable protection, and protect the VM again as it is now: a disk cannot be resized or removed "
                    + "meanwhile."),
    TARGET_CANNOT_RUN_VM(Kind.NEEDS_OPERATOR,
            "Do at the target host what the message says, then ask again; nothing was shut down or changed."),
    VM_NOT_FOUND_AT_SOURCE(Kind.NEEDS_OPERATOR, "Restore or define the VM again, or disable its protection."),
    REPLICATION_PAUSED(Kind.NEEDS_OPERATOR, "Resume it when whoever asked for the pause has finished: item resume."),
    HYPERVISOR_REFUSED(Kind.NEEDS_OPERATOR, "Read libvirt's own message and its log on the host."),
    RESYNCHRONIZATION_REQUIRED(Kind.NEEDS_OPERATOR,
            "Wait: what differs is found and shipped by itself, and the item is protected again when that is through; "
                    + "recovery points stay."),
    REPLICA_FENCED(Kind.NEEDS_OPERATOR,
            "The item was failed over: its source must not run or replicate; reverse replicate it."),
    RELATIONSHIP_REFUSED(Kind.NEEDS_OPERATOR,
            "The target does not know this source for this item; see its audit records."),
    PEER_NOT_TRUSTED(Kind.NEEDS_OPERATOR,
            "Check which machine that is; a host gets its certificate by registering with this vault."),
    PROTOCOL_VIOLATED(Kind.NEEDS_OPERATOR, "Run agents of one release on both hosts; check which program called."),
    VAULT_FOLDER_INCOMPLETE(Kind.NEEDS_OPERATOR,
            "Mount or restore what is missing, or give the vault a new folder and database; nothing was changed."),
    AGENT_FOLDER_INCOMPLETE(Kind.NEEDS_OPERATOR,
            "Restore what is missing, or register with a key made for this host; nothing was changed."),
    FORMAT_TOO_NEW(Kind.NEEDS_OPERATOR, "Start the release that wrote it, or a later one; nothing was changed."),
    CANCELLED(Kind.NEEDS_OPERATOR, "Restart the job, or start the operation again."),

    // Damage: never guessed around.
    CHANGE_LOG_CORRUPT(Kind.CORRUPT_DATA, "The replica keeps its last good point; the damaged part is sent again."),
    CHANGE_LOG_TOO_NEW(Kind.CORRUPT_DATA, "Update the agent on the host that reads it."),
    REPLICA_CORRUPT(Kind.CORRUPT_DATA, "Start a resynchronisation; older points may still be good."),

    // Ours.
    INTERNAL_ERROR(Kind.DEFECT, "Try the last action again; report it with the log if it persists.");

    private final Kind kind;
    private final String recommendedAction;

    FailureCode(Kind kind, String recommendedAction) {
        this.kind = kind;
        this.recommendedAction = recommendedAction;
    }

    /** What is to be done about it. */
    public Kind kind() {
        return kind;
    }

    /** The usual next thing to do. */
    public String recommendedAction() {
        return recommendedAction;
    }

    /**
     * The five kinds of failure. Only {@link #TRY_AGAIN} is tried again without a person, and, a few times, sending
     * what the target found damaged.
     */
    public enum Kind { CALLER_MISTAKE, TRY_AGAIN, NEEDS_OPERATOR, CORRUPT_DATA, DEFECT }
}
