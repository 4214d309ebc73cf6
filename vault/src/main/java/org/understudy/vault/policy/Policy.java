package org.understudy.vault.policy;

import java.time.Duration;
import org.understudy.api.PolicySettings;
import org.understudy.command.ReplicationSettings;
import org.understudy.command.RetentionSettings;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PolicyId;

/** A replication policy whose settings were checked (PL-03). */
public record Policy(PolicyId id, String name, PolicySettings settings) {
    /** What a policy says when nothing is said. */
    public static final PolicySettings USUAL =
            new PolicySettings(Duration.ofSeconds(300), 24, Duration.ofHours(1), 0, true, false);

    private static final Duration LONGEST_WINDOW = Duration.ofDays(15);

    /** Refuses settings out of range, as the caller's mistake. */
    public Policy {
        check(settings);
    }

    /** What the source needs to know of it. */
    public ReplicationSettings replication() {
        return new ReplicationSettings(settings.copyFrequency(), settings.compression());
    }

    /** What the target needs to know of it. */
    public RetentionSettings retention() {
        return new RetentionSettings(settings.standardPoints(), settings.recentWindow());
    }

    private static void check(PolicySettings settings) {
        Duration frequency = settings.copyFrequency();
        require(frequency.getNano() == 0 && frequency.toSeconds() >= 1 && frequency.toSeconds() <= 900,
                "the copy frequency is 1 to 900 whole seconds, not " + frequency);
        require(settings.standardPoints() >= 0 && settings.standardPoints() <= 24,
                "0 to 24 standard points are kept, not " + settings.standardPoints());
        Duration window = settings.recentWindow();
        require(!window.isNegative() && window.getNano() == 0 && window.compareTo(LONGEST_WINDOW) <= 0,
                "the recent window is whole seconds up to 15 days, not " + window);
        require(settings.applicationConsistentHours() == 0,
                "application-consistent points are not offered by this version: their hours must be 0, not "
                        + settings.applicationConsistentHours());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, message);
        }
    }
}
