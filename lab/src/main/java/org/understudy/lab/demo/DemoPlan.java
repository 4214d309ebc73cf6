package org.understudy.lab.demo;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What was asked of a demo.
 *
 * @param lab the lab's name
 * @param home the root of the repository; the product is built
 * @param frequency from one replication cycle to the next, whole seconds
 * @param keep leave everything running at the end
 */
record DemoPlan(String lab, Path home, Duration frequency, boolean keep) {
    /** The VM of the story. */
    static final String VM = "web01";
}
