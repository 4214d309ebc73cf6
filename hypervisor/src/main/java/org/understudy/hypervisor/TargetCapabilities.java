package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.ByteCount;

/**
 * What a host offers to a VM that is to be defined there. Empty parts are not known, and nothing is found lacking in
 * them.
 *
 * @param type what runs it there
 * @param emulation what the host's QEMU can imitate
 * @param networks the networks that an adapter can be connected to, by the names that the host reports them under
 * @param filters the network filters
 * @param bootFiles the kernels and the like that the host's administrator laid out for VMs, by their file names
 * @param memory of the whole host
 */
public record TargetCapabilities(
        MachineDefinition.Type type, Optional<Emulation> emulation, Optional<Set<String>> networks,
        Optional<Set<String>> filters, Optional<Map<String, Path>> bootFiles, Optional<ByteCount> memory) {
    public TargetCapabilities {
        Objects.requireNonNull(type, "type");
        networks = networks.map(Set::copyOf);
        filters = filters.map(Set::copyOf);
        bootFiles = bootFiles.map(Map::copyOf);
    }

    /** A host of which nothing is known but that it runs VMs as the definition's own host does. */
    public static TargetCapabilities unknown(MachineDefinition.Type type) {
        return new TargetCapabilities(type, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty());
    }

    /**
     * What a host's QEMU can imitate, in libvirt's words.
     *
     * @param refusal why it runs no machine of this kind at all; empty when it does
     * @param offered for each thing that may be one of several, such as {@code video/modelType}, what is offered
     * @param unusableProcessors models of processors that this host's cannot be
     * @param vcpusMax of one VM; 0 when not known
     * @param variableBytes how long the variables of the UEFI firmware are that a VM can have there, in bytes, of all
     *     that keeps them in a plain file; empty when not known
     */
    public record Emulation(
            Optional<String> refusal, Map<String, Set<String>> offered, Set<String> unusableProcessors, int vcpusMax,
            Optional<Set<Long>> variableBytes) {
        public Emulation {
            offered = Map.copyOf(offered);
            unusableProcessors = Set.copyOf(unusableProcessors);
            variableBytes = variableBytes.map(Set::copyOf);
        }

        /** Reads libvirt's domain capabilities. */
        public static Emulation of(XmlDocument capabilities) {
            return new Emulation(Optional.empty(), CapabilitiesReader.offered(capabilities),
                    CapabilitiesReader.unusableProcessors(capabilities), CapabilitiesReader.vcpus(capabilities),
                    Optional.empty());
        }

        /** One that cannot run the machine. */
        public static Emulation refusing(String why) {
            return new Emulation(Optional.of(why), Map.of(), Set.of(), 0, Optional.empty());
        }

        /** With what is known of its firmware. */
        public Emulation withVariableBytes(Set<Long> lengths) {
            return new Emulation(refusal, offered, unusableProcessors, vcpusMax, Optional.of(lengths));
        }
    }

    /** Whether something is known not to be offered. */
    boolean lacks(String what, String value) {
        return emulation.map(known -> known.offered().get(what)).filter(values -> !values.contains(value)).isPresent();
    }
}
