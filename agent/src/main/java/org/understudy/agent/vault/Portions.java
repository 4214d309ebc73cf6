package org.understudy.agent.vault;

import java.util.ArrayList;
import java.util.List;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;

/** How reports are shared out over requests, in their order: none with too many, none larger than it need be. */
final class Portions {
    private Portions() {}

    static List<List<AgentReport>> of(List<AgentReport> reports) {
        List<List<AgentReport>> portions = new ArrayList<>();
        List<AgentReport> portion = new ArrayList<>();
        long bytes = 0;
        for (AgentReport report : reports) {
            int size = CommandCodec.size(report);
            if (!portion.isEmpty() && (portion.size() == AgentEndpoint.REPORTS_MAX
                    || bytes + size > AgentEndpoint.REPORTS_BYTES_USUAL)) {
                portions.add(portion);
                portion = new ArrayList<>();
                bytes = 0;
            }
            portion.add(report);
            bytes += size;
        }
        if (!portion.isEmpty()) {
            portions.add(portion);
        }
        return portions;
    }
}
