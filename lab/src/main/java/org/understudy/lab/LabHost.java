package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A libvirt host of a lab as it stood when asked.
 *
 * @param address its address in the lab, reached from this machine and from the other hosts
 * @param libvirtSocket libvirt's socket, visible outside the host
 * @param logs the logs of its libvirt and of QEMU, also while it is dead
 * @param root the host's file system seen from outside, for root; valid while the lab is up
 * @param networks the names of its libvirt networks
 * @param running whether libvirt answered
 */
public record LabHost(
        String name, String address, Path libvirtSocket, Path logs, Path root, List<String> networks,
        boolean running) {
    public LabHost {
        networks = List.copyOf(networks);
    }

    static LabHost of(LabScript script, JsonNode host) {
        List<String> networks = new ArrayList<>();
        host.path("networks").forEach(network -> networks.add(network.path("name").asText()));
        return new LabHost(host.path("name").asText(), host.path("address").asText(),
                Path.of(host.path("libvirtSocket").asText()), Path.of(host.path("logs").asText()),
                Path.of(host.path("root").asText()), networks, host.path("running").asBoolean());
    }

    /** Where this machine reaches the host's libvirt; inside the host it is {@code qemu:///system}. */
    public String libvirtUri() {
        return "qemu+unix:///system?socket=" + libvirtSocket;
    }

    /** The folder of the host's pool "default", seen from outside. */
    public Path images() {
        return root.resolve("var/lib/libvirt/images");
    }

    /** A path of the host as this machine sees it. */
    public Path outside(Path inside) {
        return root.resolve(Path.of("/").relativize(inside));
    }
}
