package org.understudy.agent.main;

import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say where this host's libvirt answers and where replicas are kept. */
final class HostOptions {
    private static final Pattern DRIVER = Pattern.compile("[a-z][a-z0-9+]*:/");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--libvirt-uri",
            defaultValue = "qemu:///system",
            paramLabel = "URI",
            description = "This host's libvirt (default: ${DEFAULT-VALUE}).")
    private String libvirt;

    @Option(
            names = "--replica-folder",
            paramLabel = "DIR",
            description = "Where replicas of other hosts' VMs are kept; QEMU must be able to read it (default: "
                    + "replicas in the agent's folder).")
    private Path replicas;

    /** Its address. A libvirtd that is away comes back; an address without a driver never leads to one. */
    String libvirt() {
        if (!DRIVER.matcher(libvirt).lookingAt()) {
            throw new ParameterException(spec.commandLine(),
                    "--libvirt-uri is \"" + libvirt + "\"; it begins with a driver, as qemu:///system does");
        }
        return libvirt;
    }

    /** @param data the agent's folder */
    Path replicas(Path data) {
        return replicas == null ? data.resolve("replicas") : replicas;
    }
}
