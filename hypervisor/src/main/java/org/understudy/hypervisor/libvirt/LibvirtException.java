package org.understudy.hypervisor.libvirt;

/**
 * What libvirt said when a call failed: its error number, the part of it that spoke, and its words. Never leaves this
 * package: it becomes an {@link java.io.IOException} (connection lost) or a failure for a person.
 */
final class LibvirtException extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;
    private final int domain;

    LibvirtException(int code, int domain, String message) {
        super(message);
        this.code = code;
        this.domain = domain;
    }

    /** A {@code virErrorNumber}. */
    int code() {
        return code;
    }

    /** A {@code virErrorDomain}: which part of libvirt failed. */
    int domain() {
        return domain;
    }
}
