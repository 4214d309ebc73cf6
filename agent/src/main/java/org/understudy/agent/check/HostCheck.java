package org.understudy.agent.check;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.agent.AgentConfig;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.agent.source.RelationshipStore;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.HostProgram;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.hypervisor.libvirt.LibvirtProbe;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostFact;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;

/**
 * A look at this host: each thing that replication needs or uses here, tried and not read from a version. Changes
 * nothing, takes some seconds, and never fails: what cannot be told is a fact of its own.
 */
public record HostCheck(AgentConfig config, String libvirtUri, Optional<AgentIdentity> identity, Clock clock) {
    /** With a program of the host that is asked one question; QEMU takes a second or so to tell all that it can. */
    static final Duration PROGRAM_PATIENCE = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** More folders with images than a person reads of. */
    private static final int FOLDERS_MAX = 20;
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");

    /** All facts, in the order in which a person reads them. */
    public List<HostFact> facts() {
        List<HostFact> facts = new ArrayList<>();
        try (LibvirtHypervisor hypervisor = new LibvirtHypervisor(libvirtUri, clock)) {
            LibvirtProbe libvirt = hypervisor.probe();
            facts.add(HostFact.yes("libvirt", "libvirt answers at " + libvirtUri + "."));
            addWhatItCan(libvirt, facts);
            facts.addAll(EmulatorFacts.of(libvirt.emulator()));
            addPaths(hypervisor, libvirt.account(), facts);
            facts.add(confinement(libvirt));
            facts.add(StartHookFact.of(hypervisor, config.folder()));
        } catch (IOException | FailureException e) {
            facts.add(HostFact.missing("libvirt", "libvirt does not answer at " + libvirtUri + ": "
                    + FailureTeller.reason(e) + ".", "Start it: systemctl start libvirtd (or virtqemud.socket)."));
        }
        facts.add(programs());
        facts.add(port());
        peers().forEach(peer -> facts.add(peer(peer)));
        identity.ifPresentOrElse(known -> facts.addAll(VaultFacts.of(known, clock)), () -> facts.add(HostFact.unknown(
                "vault", "This host belongs to no vault yet.", "Register it: understudy agent register --help.")));
        facts.add(timeServer());
        facts.add(fileNames(Charset.forName(System.getProperty("sun.jnu.encoding", "US-ASCII"))));
        return facts;
    }

    private static void addWhatItCan(LibvirtProbe libvirt, List<HostFact> facts) {
        facts.add(libvirt.backup() ? HostFact.yes("libvirt: points in time", "libvirt takes points in time of VMs.")
                : HostFact.missing("libvirt: points in time", "This libvirt takes no points in time of VMs.",
                        "Update libvirt to 8.0 or newer."));
        facts.add(kvm(libvirt.accelerated(), libvirt.kvmTrouble()));
        facts.add(libvirt.firmware() ? HostFact.yes("UEFI firmware", "VMs that boot by UEFI find firmware here.")
                : HostFact.no("UEFI firmware", "No UEFI firmware is here for VMs; one that needs it cannot start.",
                        "apt install ovmf"));
        facts.add(libvirt.tpm() && HostProgram.isThere("swtpm") ? HostFact.yes("TPM", "VMs can have a TPM here.")
                : HostFact.no("TPM", "No TPM can be emulated here; a VM that has one cannot start.",
                        "apt install swtpm swtpm-tools"));
    }

    static HostFact kvm(boolean offered, Optional<String> trouble) {
        String slowly = "; a replica of one that does would be emulated, slowly.";
        if (!offered) {
            return HostFact.no("KVM", "No VM can use KVM here" + slowly,
                    "Turn virtualisation on in this machine's firmware and load the module kvm.");
        }
        return trouble.map(why -> HostFact.no("KVM", "libvirt offers KVM, and no VM can use it (" + why + ")" + slowly,
                        "See that the user of QEMU may open /dev/kvm, and that virtualisation is on in this machine's "
                                + "firmware, or handed down to it if it is a VM itself."))
                .orElseGet(() -> HostFact.yes("KVM", "VMs may use KVM here; one was tried."));
    }

    private void addPaths(LibvirtHypervisor hypervisor, EmulatorAccount emulator, List<HostFact> facts) {
        facts.addAll(PathFacts.of("replicas in " + config.replicas(), config.replicas(), emulator, true));
        if (Files.isDirectory(config.boot())) {
            facts.addAll(PathFacts.of("boot files in " + config.boot(), config.boot(), emulator, false));
        }
        for (Path folder : imageFolders(hypervisor)) {
            facts.addAll(PathFacts.of("images in " + folder, folder, emulator, false));
        }
    }

    private static Set<Path> imageFolders(LibvirtHypervisor libvirt) {
        Set<Path> folders = new LinkedHashSet<>();
        try {
            for (VirtualMachine machine : libvirt.machines()) {
                for (VirtualDisk disk : machine.disks()) {
                    // A block device has no folder that anything would be written to.
                    if (Files.isRegularFile(Path.of(disk.file())) && folders.size() < FOLDERS_MAX) {
                        folders.add(Path.of(disk.file()).getParent());
                    }
                }
            }
        } catch (IOException | FailureException e) {
            // Told already: libvirt does not answer.
            folders.clear();
        }
        return folders;
    }

    private static HostFact confinement(LibvirtProbe libvirt) {
        if (libvirt.confinement().isEmpty()) {
            return HostFact.yes("confinement of VMs", isAppArmorOn()
                    ? "AppArmor is on, and libvirt does not use it for VMs." : "libvirt confines VMs by file owners.");
        }
        return HostFact.yes("confinement of VMs", "libvirt confines VMs by " + String.join(", ", libvirt.confinement())
                + "; its profiles need no change. What they refuse stands in journalctl --dmesg.");
    }

    private static boolean isAppArmorOn() {
        try {
            return Files.readString(APPARMOR).startsWith("Y");
        } catch (IOException absent) {
            return false;
        }
    }

    private static HostFact programs() {
        List<String> absent = List.of("qemu-img", "qemu-nbd").stream()
                .filter(program -> !HostProgram.isThere(program)).toList();
        return absent.isEmpty() ? HostFact.yes("programs", "qemu-img and qemu-nbd are here.")
                : HostFact.missing("programs", "Missing: " + String.join(", ", absent) + ".", "apt install qemu-utils");
    }

    /** Who asks is this host itself; whether the other site gets through is told there. */
    private HostFact port() {
        String subject = "replication port";
        if (answers(new InetSocketAddress("127.0.0.1", config.replicationPort()))) {
            return HostFact.yes(subject, "Port " + config.replicationPort() + " of this host takes segments. Hosts of "
                    + "the other site must reach it; their agents tell.");
        }
        try (ServerSocket free = new ServerSocket(config.replicationPort())) {
            return HostFact.yes(subject, "Port " + free.getLocalPort() + " is free for the agent. Open it in this "
                    + "host's firewall for the hosts of the other site.");
        } catch (IOException taken) {
            return HostFact.missing(subject, "Port " + config.replicationPort() + " cannot be used: "
                    + FailureTeller.reason(taken) + ".", "End what uses it, or choose another: --replication-port.");
        }
    }

    /** Where segments of this host's VMs are taken. */
    private Set<InetSocketAddress> peers() {
        Set<InetSocketAddress> peers = new LinkedHashSet<>();
        try {
            if (Files.isDirectory(config.folder().resolve("relationships"))) {
                new RelationshipStore(config.folder()).all().relationships().forEach(relationship -> peers.add(
                        InetSocketAddress.createUnresolved(
                                relationship.target().address(), relationship.target().port())));
            }
        } catch (IOException unreadable) {
            peers.clear();
        }
        return peers;
    }

    private static HostFact peer(InetSocketAddress peer) {
        String subject = "way to " + peer.getHostString() + ":" + peer.getPort();
        return answers(peer) ? HostFact.yes(subject, "The target at " + peer.getHostString() + " takes segments.")
                : HostFact.no(subject, "The target's port " + peer.getPort() + " at " + peer.getHostString()
                        + " does not answer this host.",
                        "Start its agent, and open that port there for this host.");
    }

    private static boolean answers(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address.isUnresolved()
                    ? new InetSocketAddress(address.getHostString(), address.getPort()) : address,
                    (int) PATIENCE.toMillis());
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    private static HostFact timeServer() {
        String subject = "clock: time server";
        return HostProgram.ask(PROGRAM_PATIENCE, "timedatectl", "show", "--property=NTPSynchronized", "--value")
                .filter(HostProgram.Answer::succeeded)
                .map(answer -> answer.output().strip().equals("yes")
                        ? HostFact.yes(subject, "This host's clock follows a time server.")
                        : HostFact.no(subject, "This host's clock follows no time server.",
                                "apt install systemd-timesyncd (or chrony)"))
                .orElseGet(() -> HostFact.unknown(subject, "Nobody says whether this host's clock follows a time "
                        + "server.", "See that it does."));
    }

    static HostFact fileNames(Charset charset) {
        return charset.equals(StandardCharsets.UTF_8)
                ? HostFact.yes("locale", "File names may hold any letters.")
                : HostFact.no("locale", "File names are taken for " + charset + "; images with other letters are not "
                        + "found.", "Run the agent with LC_ALL=C.UTF-8, as its service does.");
    }
}
