package org.understudy.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.Optional;

/**
 * The last word of a command line on an exception that nobody below had words for: what, why, and what to do, never the
 * name of a Java class alone. An exception that is nobody's mistake but ours is told as INTERNAL_ERROR.
 */
public final class FailureTeller {
    private FailureTeller() {}

    /** The failure to print of what ended a command. */
    public static Failure failure(Throwable problem) {
        return switch (problem) {
            case FailureException known -> known.failure();
            case UncheckedIOException wrapped -> failure(wrapped.getCause());
            case NoSuchFileException missing -> told(FailureCode.NOT_FOUND,
                    "There is no file or folder " + missing.getFile() + ".", "Check the path and its spelling.");
            case FileSystemException file when file.getFile() != null -> told(FailureCode.REQUEST_INVALID,
                    file.getFile() + " cannot be used: " + reason(file) + ".",
                    "Name a path that this user can use for that, or change its owner or permissions.");
            case IOException io -> told(FailureCode.REQUEST_INVALID, "It did not work: " + reason(io) + ".",
                    "Check the files, folders and addresses that the command was given.");
            default -> told(FailureCode.INTERNAL_ERROR,
                    "The program met a defect of its own: " + problem + place(problem) + ".",
                    FailureCode.INTERNAL_ERROR.recommendedAction());
        };
    }

    /** Why it did not work, in words also where Java has none. */
    public static String reason(Throwable problem) {
        return networkReason(problem).orElseGet(() -> switch (problem) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "this user may not read or write there";
            case FileAlreadyExistsException _ -> "it is there already, and is no folder";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            case CharacterCodingException _ -> "it is no text";
            default -> Optional.ofNullable(problem.getMessage()).orElse(problem.getClass().getSimpleName());
        });
    }

    /** The JDK's client tells of no connection without a word. */
    private static Optional<String> networkReason(Throwable problem) {
        boolean unconnected = false;
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return Optional.of("no address is known for that name");
            }
            unconnected |= cause instanceof ConnectException && cause.getMessage() == null;
        }
        return unconnected ? Optional.of("nothing listens there, or no way leads there") : Optional.empty();
    }

    /** For the report of a defect. */
    private static String place(Throwable defect) {
        return defect.getStackTrace().length == 0 ? "" : " (in " + defect.getStackTrace()[0] + ")";
    }

    private static Failure told(FailureCode code, String message, String action) {
        return new Failure(code, message, action, Clock.systemUTC().instant());
    }
}
