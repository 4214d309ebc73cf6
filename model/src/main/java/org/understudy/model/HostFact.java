package org.understudy.model;

import java.util.Objects;

/**
 * What a look at a host found out of one thing that replication needs or uses there.
 *
 * @param subject the thing, in words that stay the same: what a list of facts is ordered and compared by
 * @param verdict whether it is as it should be
 * @param needed whether nothing replicates without it
 * @param fact what was found, a sentence
 * @param whatToDo a sentence; empty where nothing need be done
 */
public record HostFact(String subject, Verdict verdict, boolean needed, String fact, String whatToDo) {
    public HostFact {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(fact, "fact");
        Objects.requireNonNull(whatToDo, "whatToDo");
    }

    /** As it should be, or not, or nobody could tell. */
    public enum Verdict { YES, NO, UNKNOWN }

    public static HostFact yes(String subject, String fact) {
        return new HostFact(subject, Verdict.YES, false, fact, "");
    }

    /** Something that is missed by some VMs or in some case. */
    public static HostFact no(String subject, String fact, String whatToDo) {
        return new HostFact(subject, Verdict.NO, false, fact, whatToDo);
    }

    /** Something without which nothing replicates. */
    public static HostFact missing(String subject, String fact, String whatToDo) {
        return new HostFact(subject, Verdict.NO, true, fact, whatToDo);
    }

    public static HostFact unknown(String subject, String fact, String whatToDo) {
        return new HostFact(subject, Verdict.UNKNOWN, false, fact, whatToDo);
    }

    /** Whether nothing replicates as long as this stands. */
    public boolean hinders() {
        return needed && verdict == Verdict.NO;
    }
}
