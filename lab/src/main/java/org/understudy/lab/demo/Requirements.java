package org.understudy.lab.demo;

import java.io.Console;
import java.io.IOException;
import java.util.List;
import org.understudy.lab.Lab;

/**
 * What a demo needs of the machine: root, and the packages of the lab.
 *
 * @param missing packages with why each is needed
 */
record Requirements(boolean root, List<String> missing) {
    static Requirements of(Lab lab) throws IOException {
        return new Requirements("root".equals(System.getProperty("user.name")), lab.missingPackages());
    }

    String told() {
        return missing.isEmpty() ? "nothing, all packages that the lab needs are here" : String.join("\n", missing);
    }

    /** Whether the person agrees that they are installed; nobody is asked where nobody sits, or nothing is missing. */
    boolean agreed(boolean alreadyYes) {
        Console console = System.console();
        if (missing.isEmpty() || alreadyYes || console == null || !console.isTerminal()) {
            return true;
        }
        String answer = console.readLine("Install and go on? [y/N] ");
        return answer != null && answer.strip().matches("(?i)y|yes");
    }
}
