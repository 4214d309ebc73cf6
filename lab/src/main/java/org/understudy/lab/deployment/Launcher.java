package org.understudy.lab.deployment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The users' command of a checkout, as {@code vault} and {@code agent} are started by it.
 *
 * @param home the root of the repository; the product is built already
 */
record Launcher(Path home) {
    /** Options of the JVM for a command that ends soon, which would only be slowed by the second compiler. */
    static final String JAVA_OPTIONS = "UNDERSTUDY_JAVA_OPTS";
    static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    /** Set for everything started from here: what is running must not be built anew underneath. */
    static final String NO_BUILD = "UNDERSTUDY_NO_BUILD";

    /** The words of a command in a session of its own; setsid is replaced by it, so the process is the command's. */
    List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of("setsid", home.resolve("understudy").toString()));
        command.addAll(List.of(words));
        return command;
    }
}
