package org.understudy.acceptance;

import java.io.IOException;
import java.util.List;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/** What others than its guest may see of the source VM: how it is defined, and the checkpoints on it. */
record SourceTraces(String definition, List<String> checkpoints) {
    static SourceTraces of(AcceptanceLab lab) throws IOException {
        LabHost host = lab.lab().host(Lab.STOCKHOLM);
        return new SourceTraces(
                HostTraces.virsh(host, "dumpxml", "--inactive", lab.vm()),
                HostTraces.virsh(host, "checkpoint-list", lab.vm(), "--name").lines()
                        .filter(name -> !name.isBlank()).toList());
    }
}
