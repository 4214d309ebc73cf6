package org.understudy.hypervisor.libvirt;

import java.util.LinkedHashMap;
import java.util.Map;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachinePlan;
import org.understudy.model.Portability;

/**
 * What any other host would make of the VMs of this one, planned anew for a VM only when its definition changes: the
 * inventory is read every few seconds. At most {@value #MACHINES_MAX} VMs, some 20 KiB each. Safe for many threads.
 */
final class PortabilityCache {
    private static final int MACHINES_MAX = 1000;

    private final Map<String, Portability> known = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Portability> eldest) {
            return size() > MACHINES_MAX;
        }
    };

    Portability of(MachineDefinition definition) {
        synchronized (known) {
            Portability before = known.get(definition.xml());
            if (before != null) {
                return before;
            }
        }
        Portability planned = MachinePlan.anywhere(definition);
        synchronized (known) {
            known.put(definition.xml(), planned);
        }
        return planned;
    }
}
