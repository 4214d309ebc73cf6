package org.understudy.hypervisor;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.ByteCount;
import org.w3c.dom.Element;

/** The part of a plan about what runs the VM: KVM or emulation, kind of machine, processor, memory. */
final class ProcessorPlan {
    /** libvirt's units of memory in bytes; without one it is KiB. */
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L << 10), Map.entry("b", 1L), Map.entry("bytes", 1L),
            Map.entry("kb", 1_000L), Map.entry("k", 1L << 10), Map.entry("kib", 1L << 10),
            Map.entry("mb", 1_000_000L), Map.entry("m", 1L << 20), Map.entry("mib", 1L << 20),
            Map.entry("gb", 1_000_000_000L), Map.entry("g", 1L << 30), Map.entry("gib", 1L << 30),
            Map.entry("tb", 1_000_000_000_000L), Map.entry("t", 1L << 40), Map.entry("tib", 1L << 40));

    private ProcessorPlan() {}

    static void apply(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        type(draft, capabilities, notes);
        capabilities.emulation().flatMap(TargetCapabilities.Emulation::refusal)
                .ifPresent(why -> notes.obstacle("The host's QEMU cannot run a machine of this kind (" + kind(draft)
                        + "): " + why + "."));
        processor(draft, capabilities, notes);
        vcpus(draft, capabilities, notes);
        memory(draft, capabilities, notes);
        if (draft.first("launchSecurity").isPresent()) {
            draft.removeAll("launchSecurity");
            notes.obstacle("Its memory is sealed to the processor of its host (launchSecurity): no other host can run "
                    + "it. Take the element out of its definition to protect it.");
        }
    }

    private static void type(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        String type = draft.root().getAttribute("type");
        if (!Set.of("kvm", "qemu").contains(type)) {
            notes.obstacle("It is a VM of type \"" + type + "\"; QEMU with or without KVM is what can be replicated.");
            draft.root().setAttribute("type", "qemu");
        }
        boolean kvm = type.equals("kvm");
        if (kvm && capabilities.type() == MachineDefinition.Type.QEMU) {
            draft.root().setAttribute("type", "qemu");
            removeKvmFrom(draft);
            notes.warning("The host offers no KVM that works: the VM runs on an imitated processor, slowly.");
        }
    }

    private static String kind(XmlDocument draft) {
        Optional<Element> type = draft.first("os/type");
        return type.flatMap(of -> XmlDocument.attribute(of, "machine")).orElse("the usual") + " of "
                + type.flatMap(of -> XmlDocument.attribute(of, "arch")).orElse("x86_64");
    }

    /** What QEMU cannot imitate without KVM: its clocks, paravirtual features and models of the host's processor. */
    private static void removeKvmFrom(XmlDocument draft) {
        draft.removeAll("features/kvm");
        draft.removeAll("features/hyperv");
        draft.removeAll("features/pvspinlock");
        draft.removeAll("features/pmu");
        draft.all("clock/timer").stream()
                .filter(timer -> Set.of("kvmclock", "hypervclock", "tsc").contains(timer.getAttribute("name")))
                .forEach(XmlDocument::remove);
        draft.first("cpu").ifPresent(cpu -> {
            XmlDocument.remove(cpu, "model", "vendor", "feature", "cache", "maxphysaddr");
            List.of("match", "check", "migratable").forEach(cpu::removeAttribute);
            cpu.setAttribute("mode", "maximum");
        });
    }

    private static void processor(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        draft.first("cpu").ifPresent(cpu -> {
            if (Set.of("host-passthrough", "host-model").contains(cpu.getAttribute("mode"))) {
                notes.warning("Its processor is the target host's own (cpu mode " + cpu.getAttribute("mode")
                        + "), which may have other features.");
            }
            XmlDocument.first(cpu, "model").map(XmlDocument::ownText)
                    .filter(model -> capabilities.emulation()
                            .filter(emulation -> emulation.unusableProcessors().contains(model)).isPresent())
                    .filter(model -> draft.root().getAttribute("type").equals("kvm"))
                    .ifPresent(model -> notes.obstacle("The host's processor cannot be the " + model
                            + " that the VM asks for. Choose a model in the VM's definition that both hosts have."));
        });
    }

    private static void vcpus(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        int most = capabilities.emulation().map(TargetCapabilities.Emulation::vcpusMax).orElse(0);
        draft.first("vcpu").map(XmlDocument::ownText).filter(text -> text.matches("[0-9]{1,6}"))
                .map(Integer::parseInt).filter(vcpus -> most > 0 && vcpus > most)
                .ifPresent(vcpus -> notes.obstacle("It has " + vcpus + " processors; the host runs at most " + most
                        + " in a VM of this kind."));
    }

    private static void memory(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        Optional<ByteCount> wanted = draft.first("memory").flatMap(ProcessorPlan::bytes);
        if (wanted.isPresent() && capabilities.memory().filter(has -> has.compareTo(wanted.get()) < 0).isPresent()) {
            notes.obstacle("It has " + wanted.get() + " of memory; the host has " + capabilities.memory().get()
                    + " in all.");
        }
        if (draft.first("memoryBacking/hugepages").isPresent()) {
            notes.warning("Its memory is not backed by huge pages.");
        }
    }

    private static Optional<ByteCount> bytes(Element memory) {
        Long unit = UNITS.get(memory.getAttribute("unit").toLowerCase(Locale.ROOT));
        String text = XmlDocument.ownText(memory);
        if (unit == null || !text.matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        BigInteger bytes = new BigInteger(text).multiply(BigInteger.valueOf(unit));
        return bytes.bitLength() > 62 ? Optional.of(new ByteCount(1L << 62)) : Optional.of(
                new ByteCount(bytes.longValue()));
    }
}
