package org.understudy.lab.deployment;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/**
 * An agent inside a host of a lab. Its folder lies on the host's own storage, so it outlives a site that is killed, as
 * its disks do.
 */
public final class AgentProcess extends ProductProcess {
    /** The agent's folder as the host sees it; replicas are in it, beside the images of the host's own VMs. */
    public static final Path DATA = Path.of("/var/lib/libvirt/images/.understudy-agent");

    private static final String USUAL_UMASK = "022";
    private static final Duration REGISTER = Duration.ofSeconds(60);

    private final Launcher launcher;
    private final Lab lab;
    private final String host;

    AgentProcess(Launcher launcher, Lab lab, String host, Path log) {
        super("the agent of " + host, log);
        this.launcher = launcher;
        this.lab = lab;
        this.host = host;
    }

    public String host() {
        return host;
    }

    /**
     * Joins a vault under the host's name.
     *
     * @param key the registration key's file, in a place that the host sees
     */
    public void register(Path key) throws IOException {
        LabHost at = lab.host(host);
        ProcessBuilder registration = inside(USUAL_UMASK, launcher.command(
                "agent", "register", "--key", key.toString(), "--data", DATA.toString(),
                "--name", host, "--replication-address", at.address()));
        registration.environment().put(Launcher.JAVA_OPTIONS, Launcher.SHORT_LIVED);
        LoggedProcess.start("the registration of " + host, registration, log()).awaitSuccess(REGISTER);
    }

    /** Starts it; when it reports is told by the vault. */
    public void start() throws IOException {
        start(USUAL_UMASK);
    }

    /** Starts it under the umask of an administrator who is more careful, 077 for one. */
    public void start(String umask) throws IOException {
        launch(inside(umask, launcher.command("agent", "run", "--data", DATA.toString())));
    }

    /** In what a service finds: no home, no locale, the root as its folder. */
    private ProcessBuilder inside(String umask, List<String> command) {
        List<String> words = new ArrayList<>(List.of("sh", "-c",
                "umask \"$0\"; cd /; unset HOME LANG LANGUAGE LC_ALL LC_CTYPE; exec \"$@\"", umask));
        words.addAll(command);
        return lab.exec(host, words.toArray(String[]::new));
    }
}
