package org.understudy.vault.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** By what the server makes itself known, and whose certificates it takes from clients. */
public record TlsIdentity(PrivateKey key, X509Certificate certificate, X509Certificate authority) {
    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
