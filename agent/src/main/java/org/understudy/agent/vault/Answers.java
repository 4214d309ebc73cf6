package org.understudy.agent.vault;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The memory of how commands ended: the durable one, and, for what a full or broken disk does not take, that of this
 * process, which is told of as such. Safe for many threads.
 *
 * <p>So a command that succeeded is not run again while this process lives; after a restart it is, and every command
 * may be run twice.
 */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    /** Far more than one host is asked in the hours that a disk may stay full. */
    private static final int UNWRITTEN_MAX = 1000;

    private final AnswerStore store;
    private final Map<CommandId, CommandOutcome> unwritten = new LinkedHashMap<>();

    public Answers(AnswerStore store) {
        this.store = store;
    }

    /** That the disk does not take what is to be remembered; empty when all of it was written. */
    public synchronized Optional<Failure> trouble() {
        return unwritten.isEmpty() ? Optional.empty() : Optional.of(FailureException.of(FailureCode.SOURCE_STORAGE_FULL,
                "How %d commands ended could not be written to the agent's folder.".formatted(unwritten.size()),
                "Free space there, or mend its disk; a command that is asked for again after a restart of the agent "
                        + "is run again.").failure());
    }

    /**
     * The remembered end of a command; empty also when what was remembered cannot be read.
     *
     * @throws FailureException FORMAT_TOO_NEW when a later release wrote it: the command may have been carried out
     */
    synchronized Optional<CommandOutcome> find(CommandId id) {
        CommandOutcome known = unwritten.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            return store.find(id);
        } catch (IOException e) {
            LOG.error("the end of a command cannot be read, so it is run again id={} reason={}", id, e.toString());
            return Optional.empty();
        }
    }

    /** Remembers an end, durably where the disk lets it. */
    synchronized void remember(CommandId id, CommandOutcome outcome) {
        try {
            store.remember(id, outcome);
            unwritten.remove(id);
        } catch (IOException e) {
            LOG.error("the end of a command could not be written down id={} reason={}", id, e.toString());
            unwritten.put(id, outcome);
            if (unwritten.size() > UNWRITTEN_MAX) {
                unwritten.remove(unwritten.keySet().iterator().next());
            }
        }
    }
}
