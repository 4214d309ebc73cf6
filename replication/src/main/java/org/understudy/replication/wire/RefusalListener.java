package org.understudy.replication.wire;

import org.understudy.model.Failure;

/** Hears of those who were turned away, for the audit (SEC-04). */
@FunctionalInterface
public interface RefusalListener {
    /**
     * Somebody was turned away. Called on the connection's thread; the same peer is told again at most once a minute
     * for the same code, so that noise on the port does not become noise in the audit.
     *
     * @param peer the address, and the host where a certificate proved it
     */
    void onRefused(String peer, Failure failure);
}
