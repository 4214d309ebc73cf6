package org.understudy.replica;

import org.understudy.changelog.ChangeLogException;

/** An undo log that cannot be trusted: the step it belongs to, and what is wrong with it. */
final class UndoDamage extends Exception {
    private static final long serialVersionUID = 1;

    private final transient UndoStep step;
    private final transient ChangeLogException reason;

    UndoDamage(UndoStep step, ChangeLogException reason) {
        super(reason);
        this.step = step;
        this.reason = reason;
    }

    UndoStep step() {
        return step;
    }

    ChangeLogException reason() {
        return reason;
    }
}
