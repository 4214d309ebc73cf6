package org.understudy.hypervisor;

import org.w3c.dom.Element;

/** The part of a plan about the VM's TPM: an emulated one comes along with its state, one of the host's stays there. */
final class ModulePlan {
    private ModulePlan() {}

    static void apply(
            XmlDocument draft, CarriedFirmware carried, TargetCapabilities capabilities, PlanNotes notes) {
        draft.all("devices/tpm").forEach(tpm -> {
            String kind = XmlDocument.attribute(tpm, "backend", "type").orElse("");
            if (kind.equals("emulator")) {
                emulated(XmlDocument.child(tpm, "backend"), carried, notes);
                if (capabilities.lacks("tpm/backendModel", "emulator") || capabilities.lacks("tpm/supported", "yes")) {
                    notes.obstacle("The host cannot imitate a TPM. Install swtpm there (swtpm and swtpm-tools).");
                }
            } else {
                XmlDocument.remove(tpm);
                notes.warning("Its TPM is one of its host (" + kind + ") and is not there.");
            }
        });
    }

    private static void emulated(Element backend, CarriedFirmware carried, PlanNotes notes) {
        carried.whyEmptyModule(backend).ifPresentOrElse(notes::warning, () -> {
            if (carried.hasModule(backend)) {
                notes.place(CarriedFirmware.module(backend));
            }
        });
        XmlDocument.remove(backend, "encryption", "device", "source", "profile");
        if (carried.copy()) {
            // What a test's TPM keeps goes with the test.
            backend.removeAttribute("persistent_state");
        }
    }
}
