package org.understudy.agent.main;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option of the port at which other agents' segments arrive, 1 to 65535. */
final class ReplicationPort {
    private static final String NAME = "--replication-port";
    private static final int PORT_MAX = 65_535;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = NAME,
            defaultValue = "8084",
            paramLabel = "PORT",
            description = "The port for replication (default: ${DEFAULT-VALUE}).")
    private int port;

    /** The port; wrong usage where it is none. */
    int number() {
        if (port < 1 || port > PORT_MAX) {
            throw new ParameterException(
                    spec.commandLine(), NAME + " is " + port + "; ports are 1 to " + PORT_MAX);
        }
        return port;
    }
}
