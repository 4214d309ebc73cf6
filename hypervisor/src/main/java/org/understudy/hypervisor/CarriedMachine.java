package org.understudy.hypervisor;

import java.util.Objects;
import java.util.Optional;

/**
 * What a VM is at one position, as its source told it.
 *
 * @param firmware what its firmware and TPM kept; empty where that is not known yet, as before it is protected
 */
public record CarriedMachine(MachineDefinition definition, Optional<FirmwareBundle> firmware) {
    public CarriedMachine {
        Objects.requireNonNull(definition, "definition");
        Objects.requireNonNull(firmware, "firmware");
    }

    /** One of which nobody has said yet what its firmware keeps. */
    public static CarriedMachine of(MachineDefinition definition) {
        return new CarriedMachine(definition, Optional.empty());
    }
}
