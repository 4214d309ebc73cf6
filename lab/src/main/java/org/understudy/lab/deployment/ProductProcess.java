package org.understudy.lab.deployment;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A process of the product on a folder of its own: started, killed and ended at will, each time on what the last one
 * left there. Not for several threads.
 */
public abstract sealed class ProductProcess implements AutoCloseable permits AgentProcess, VaultProcess {
    private static final Duration STOP = Duration.ofSeconds(60);

    private final String name;
    private final Path log;
    private LoggedProcess process;

    ProductProcess(String name, Path log) {
        this.name = name;
        this.log = log;
    }

    /** Starts the command; whether it answers is another question. */
    final void launch(ProcessBuilder command) throws IOException {
        if (isRunning()) {
            throw new IllegalStateException(name + " runs already as process " + pid());
        }
        process = LoggedProcess.start(name, command, log);
    }

    public final boolean isRunning() {
        return process != null && process.isRunning();
    }

    /** Throws, with the end of its log, if it ended. */
    public final void requireRunning() throws IOException {
        process.requireRunning();
    }

    public final long pid() {
        return process.pid();
    }

    /** kill -9 of the process alone; what it had started has to notice by itself. */
    public final void kill() throws IOException {
        process.kill();
    }

    /** Ends it in order; one that ended already, with its site for example, is fine. */
    public final void stop() throws IOException {
        if (isRunning()) {
            process.stop(STOP);
        }
    }

    public final Path log() {
        return log;
    }

    @Override
    public final void close() throws IOException {
        stop();
    }
}
