package org.understudy.workflow;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A kind of step: its names and what it does.
 *
 * @param id part of the ids of its commands; never changed once released
 * @param name for people
 * @param cancellable whether the job may be cancelled while it stands in this step, be it waiting or not begun
 */
public record StepType(String id, String name, boolean cancellable, StepHandler handler) {
    private static final Pattern LEGAL = Pattern.compile("[a-z0-9][a-z0-9-]{0,47}");

    public StepType {
        if (!LEGAL.matcher(id).matches()) {
            throw new IllegalArgumentException("step id \"" + id + "\" is not of small letters, digits and hyphens");
        }
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(handler, "handler");
    }

    /** A step that, once begun, is carried through. */
    public static StepType of(String id, String name, StepHandler handler) {
        return new StepType(id, name, false, handler);
    }

    /** A step in which the job can be cancelled without harm. */
    public static StepType cancellable(String id, String name, StepHandler handler) {
        return new StepType(id, name, true, handler);
    }
}
