package org.understudy.hypervisor;

import java.util.Objects;

/** The definition of a VM in its hypervisor's own language (libvirt's domain XML), with the changes a replica needs. */
public record MachineDefinition(String xml) {
    public MachineDefinition {
        Objects.requireNonNull(xml, "xml");
    }
}
