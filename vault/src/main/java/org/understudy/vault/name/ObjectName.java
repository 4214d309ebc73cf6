package org.understudy.vault.name;

import java.util.regex.Pattern;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The name that a person gives to an object: safe in a path and in a shell, and never mistaken for an id. */
public record ObjectName(String value) {
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}");
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** Refuses what is no name, as the caller's mistake. */
    public ObjectName {
        if (value == null || value.isBlank()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "a name is missing");
        }
        value = value.strip();
        if (!LEGAL.matcher(value).matches() || ID.matcher(value).matches()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "\"" + value + "\" is no name: 1 to 63 letters, "
                    + "digits, spaces, dots, hyphens and underscores, beginning with a letter or digit");
        }
    }

    /** Whether a text looks like the id of something; no name does, so that a name is never taken for an id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
