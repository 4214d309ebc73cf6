package org.understudy.api;

import java.util.List;

/**
 * Makes a cloud.
 *
 * @param site name or id of its site
 * @param hosts names or ids of hosts of that site; more can be added later
 */
public record CloudRequest(String name, String site, List<String> hosts) {
    public CloudRequest {
        hosts = hosts == null ? List.of() : List.copyOf(hosts);
    }
}
