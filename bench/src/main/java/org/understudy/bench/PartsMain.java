package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Measures the {@link Parts} in a process of its own, as the agent is one, inside a host of the lab: there its disk and
 * the NBD socket are. Prints a line for each sample: figure and value.
 */
public final class PartsMain {
    private PartsMain() {
    }

    /** Runs it. Arguments: the NBD socket, and a folder to use. */
    public static void main(String[] args) throws IOException {
        new Parts(Clock.systemUTC(), Path.of(args[1]),
                (figure, value) -> System.out.println(figure.name() + " " + value)).measure(Path.of(args[0]));
    }

    /** Starts it inside the host, in the shell's folder, and takes its samples. */
    static void run(HostShell shell, Path socket, Samples samples) throws IOException {
        shell.run(("'%s/bin/java' -Xmx512m --enable-native-access=ALL-UNNAMED -cp '%s' %s '%s' '%s' "
                + "> parts.out").formatted(System.getProperty("java.home"), System.getProperty("java.class.path"),
                PartsMain.class.getName(), socket, shell.folder()));
        for (String line : Files.readAllLines(shell.outside().resolve("parts.out"))) {
            String[] words = line.split(" ");
            samples.add(Figure.valueOf(words[0]), Double.parseDouble(words[1]));
        }
    }
}
