package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a lab guest with UEFI and a TPM said of what it keeps there: every two seconds the number of its last record,
 * which was on both its disks before.
 *
 * @param secureBoot whether its firmware checked signatures when it began
 * @param foundEntry the number that its boot entry had when it began; negative for none
 * @param foundSealed the same of its TPM
 * @param keptEntry the number that its boot entry has now
 * @param keptSealed the same of its TPM
 * @param foundRecord the last record that was on its disks when it began
 */
public record GuestFirmware(
        boolean secureBoot, long foundEntry, long foundSealed, long keptEntry, long keptSealed, long foundRecord) {
    static GuestFirmware of(JsonNode told) {
        return new GuestFirmware(told.path("secureBoot").asInt() == 1, told.path("foundEntry").asLong(),
                told.path("foundSealed").asLong(), told.path("keptEntry").asLong(), told.path("keptSealed").asLong(),
                told.path("firstRecordOfThisBoot").asLong() - 1);
    }
}
