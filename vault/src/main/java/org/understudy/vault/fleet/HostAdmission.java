package org.understudy.vault.fleet;

import org.understudy.model.HostId;

/** What the inventory does when a host registers with the key of a site; within the registration's transaction. */
@FunctionalInterface
public interface HostAdmission {
    /** The site of that name may be gone by now; then the host is assigned later. */
    void admitted(HostId host, String site);
}
