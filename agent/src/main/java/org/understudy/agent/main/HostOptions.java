package org.understudy.agent.main;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.role.StartHook;
import org.understudy.model.FailureTeller;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say where this host's libvirt answers and where replicas are kept. */
final class HostOptions {
    private static final Logger LOG = LoggerFactory.getLogger(HostOptions.class);
    private static final String USUAL = "qemu:///system";
    private static final Pattern DRIVER = Pattern.compile("[a-z][a-z0-9+]*:/");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--libvirt-uri",
            defaultValue = USUAL,
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

    /**
     * Has this host's libvirt ask before it starts a VM. Where that cannot be, {@code agent check} and the vault tell;
     * nothing else depends on it. A libvirt by another address is another machine's, or one with folders of its own.
     */
    void layHook(Path data) {
        if (!libvirt().equals(USUAL)) {
            return;
        }
        StartHook hook = StartHook.of(data);
        try {
            LOG.info("hook of libvirt is laid file={} state={}", hook.file(), hook.install());
        } catch (IOException e) {
            LOG.warn("hook of libvirt could not be laid file={} reason={}", hook.file(), FailureTeller.reason(e));
        }
    }

    /** @param data the agent's folder */
    Path replicas(Path data) {
        return replicas == null ? data.resolve("replicas") : replicas;
    }
}
