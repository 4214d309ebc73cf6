package org.understudy.model;

import java.util.regex.Pattern;

/**
 * Text without characters that move a cursor, fake a line or hide: what others wrote, where people read it. Every such
 * character is shown as {@code �}.
 */
public final class PlainText {
    /** Control characters, line separators, and those that turn the direction of text around. */
    private static final Pattern ODD = Pattern.compile(
            "[\\p{Cc}\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

    private PlainText() {}

    /** Whether there is nothing odd in it. */
    public static boolean isPlain(String text) {
        return !ODD.matcher(text).find();
    }

    /** The text, plain. */
    public static String of(String text) {
        return isPlain(text) ? text : ODD.matcher(text).replaceAll("\ufffd");
    }

    /** The text, plain, and cut where it is longer than that. */
    public static String of(String text, int charactersMax) {
        return of(text.length() <= charactersMax ? text : text.substring(0, charactersMax) + "…");
    }
}
