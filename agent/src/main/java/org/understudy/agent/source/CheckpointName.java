package org.understudy.agent.source;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.model.HostId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * The names of this product's checkpoints,
 * {@code understudy-<item>-<generation>-<sequence>-<attempt>-<host>}: eight digits of the item keep protections apart,
 * eight drawn ones the attempts at one cycle, so that neither a bitmap that an attempt left nor an image rolled back to
 * a copy can be taken for another, and eight of the host's id say whose agent made it (decision 41). In a name and not
 * in libvirt's note, because a bitmap that has lost its note has an owner too. Names of earlier versions had no host,
 * and those before them no attempt.
 */
final class CheckpointName {
    private static final Pattern OURS = Pattern.compile("understudy-[0-9a-f]{8}"
            + "-[1-9]\\d{0,18}-[1-9]\\d{0,18}(-[0-9a-f]{8}(-(?<host>[0-9a-f]{8}))?)?");

    private CheckpointName() {}

    /** A name that nothing has yet, for an attempt of this host's agent at a cycle. */
    static String draw(RelationshipId relationship, LogPosition position, HostId by) {
        return withoutAttempt(relationship, position) + "-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + "-" + digits(by);
    }

    /** The name that earlier versions gave to the checkpoint of a cycle. */
    static String withoutAttempt(RelationshipId relationship, LogPosition position) {
        return prefix(relationship) + position.sequence();
    }

    /** The name of what notes all that a failed-over VM writes from its point on, before it is replicated. */
    static String base(RelationshipId relationship) {
        return prefix(relationship) + "0";
    }

    /** Whether a name is of this scheme; everything else is not ours to delete. */
    static boolean isOurs(String name) {
        return OURS.matcher(name).matches();
    }

    /** Whether a name is of this scheme and of this relationship; other generations have names of their own. */
    static boolean isOf(RelationshipId relationship, String name) {
        return isOurs(name) && name.startsWith(prefix(relationship)) || name.equals(base(relationship));
    }

    /** Whether a name is of this scheme and says that this host's agent made it; one that does not say is nobody's. */
    static boolean isBy(HostId host, String name) {
        Matcher parts = OURS.matcher(name);
        return parts.matches() && digits(host).equals(parts.group("host"));
    }

    private static String digits(HostId host) {
        return host.toString().substring(0, 8);
    }

    private static String prefix(RelationshipId relationship) {
        return "understudy-" + relationship.item().toString().substring(0, 8) + "-" + relationship.generation() + "-";
    }
}
