package org.understudy.hypervisor;

import java.util.Objects;
import java.util.Optional;

/** What a look at the firmware variables and the TPM state of a VM found. */
public sealed interface FirmwareReading {
    /**
     * They were read whole.
     *
     * @param bundle of one instant between the beginning of the look and its end; {@link FirmwareBundle#NONE} of a VM
     *     that keeps none, or none that can be carried
     * @param imprint of where they lie: as long as it stays, nobody wrote there. Empty when they were written so lately
     *     that the next write might not show in it
     */
    record Held(FirmwareBundle bundle, Optional<String> imprint) implements FirmwareReading {
        public Held {
            Objects.requireNonNull(bundle, "bundle");
            Objects.requireNonNull(imprint, "imprint");
        }
    }

    /**
     * They are written to all the time, or could not be read: what was found before stands.
     *
     * @param reason for people: the end of a sentence
     */
    record NotNow(String reason) implements FirmwareReading {
        public NotNow {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
