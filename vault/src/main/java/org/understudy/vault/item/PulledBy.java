package org.understudy.vault.item;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.understudy.api.Operation;

/** Who takes an item along an edge of its states; read by the test that draws {@code docs/states/protection.md}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface PulledBy {
    /** Who it is. */
    Puller value();

    /** The operations, one of which a person asks for; the state that the edge leaves offers each of them. */
    Operation[] asked() default {};

    /** Whoever pulls. */
    enum Puller {
        /** A person, by an operation whose job goes along the edge. */
        PERSON,
        /** A job, by itself, when what it waited for has come. */
        JOB,
        /** An agent, by what it reports. */
        REPORT
    }
}
