package org.understudy.vault.failover;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** The words by which people choose recovery points and test networks, and what they mean. */
public final class PointWords {
    private static final Pattern POSITION = Pattern.compile("([1-9][0-9]{0,17})-([0-9]{1,18})");

    /** Before the name of a network that would be read as something else. */
    private static final String NETWORK = "network:";

    private PointWords() {}

    /** Reads a choice of recovery point; without one it is the latest (RP-05). */
    public static PointChoice point(Optional<String> words) {
        return switch (words.orElse("latest")) {
            case "latest" -> new PointChoice.Latest();
            case "latest-processed" -> new PointChoice.LatestProcessed();
            case "latest-application-consistent" -> new PointChoice.LatestApplicationConsistent();
            case String other -> custom(other);
        };
    }

    /** Reads a choice of test network; without one it is an isolated one made for the test (TF-04). */
    public static TestNetwork network(Optional<String> words) {
        return switch (words.orElse("isolated")) {
            case "isolated" -> new TestNetwork.CreateIsolated();
            case "none" -> new TestNetwork.None();
            case String name -> new TestNetwork.Existing(
                    name.startsWith(NETWORK) ? name.substring(NETWORK.length()) : name);
        };
    }

    /** The words for a choice of point. */
    public static String of(PointChoice choice) {
        return switch (choice) {
            case PointChoice.Latest _ -> "latest";
            case PointChoice.LatestProcessed _ -> "latest-processed";
            case PointChoice.LatestApplicationConsistent _ -> "latest-application-consistent";
            case PointChoice.Custom custom -> custom.position().toString();
        };
    }

    /** The words for a choice of network. */
    public static String of(TestNetwork network) {
        return switch (network) {
            case TestNetwork.None _ -> "none";
            case TestNetwork.CreateIsolated _ -> "isolated";
            case TestNetwork.Existing existing -> existing.network();
        };
    }

    /** The refusal of words that name no single point. */
    static FailureException noPoint(String words) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "\"" + words + "\" is not the id of a recovery point; "
                + "an id is such as 2-0", "Look at understudy point list, and name the point that is meant.");
    }

    private static PointChoice custom(String words) {
        Matcher position = POSITION.matcher(words);
        if (!position.matches()) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "\"" + words + "\" is no recovery point: it is "
                    + "latest, latest-processed, latest-application-consistent, or the id of one, such as 1-42");
        }
        return new PointChoice.Custom(
                new LogPosition(Long.parseLong(position.group(1)), Long.parseLong(position.group(2))));
    }
}
