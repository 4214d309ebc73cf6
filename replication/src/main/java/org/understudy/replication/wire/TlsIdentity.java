package org.understudy.replication.wire;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who this host is and whom it trusts: its key, its certificate chain (its own first) and the one authority, the
 * vault's, that both sides' certificates come from. The machine's own trusted authorities are not asked.
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain, X509Certificate authority) {
    private static final String PROTOCOL = "TLSv1.3";
    /** One suite, that every machine with AES instructions does at gigabytes a second: nothing to negotiate down to. */
    private static final String SUITE = "TLS_AES_128_GCM_SHA256";
    private static final char[] NO_PASSWORD = new char[0];

    public TlsIdentity {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(authority, "authority");
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity has a certificate");
        }
    }

    /** Not the key. */
    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }

    /** A context for both directions. */
    public SSLContext context() {
        try {
            KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
            own.init(keys(), NO_PASSWORD);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", authority);
            TrustManagerFactory peers = TrustManagerFactory.getInstance("PKIX");
            peers.init(trusted);
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(own.getKeyManagers(), peers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the key and certificate of this host make no TLS identity", e);
        }
    }

    /**
     * In memory alone; it is never written, so its password guards nothing. The encryption that a key store insists on
     * has one round here: the usual ten thousand cost a starting agent more than its first handshake.
     */
    private KeyStore keys() throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setEntry("host", new KeyStore.PrivateKeyEntry(key, chain.toArray(X509Certificate[]::new)),
                new KeyStore.PasswordProtection(NO_PASSWORD, "PBEWithHmacSHA256AndAES_256",
                        new PBEParameterSpec(new byte[20], 1, new IvParameterSpec(new byte[16]))));
        return keys;
    }

    /**
     * Puts TLS over a connected socket. The certificate's host id is checked by us after the handshake; a host's name
     * or address proves nothing here, since hosts move.
     */
    static SSLSocket layer(SSLContext context, Socket socket, boolean client) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), false);
        tls.setUseClientMode(client);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setProtocols(new String[] {PROTOCOL});
        parameters.setCipherSuites(new String[] {SUITE});
        parameters.setNeedClientAuth(!client);
        tls.setSSLParameters(parameters);
        return tls;
    }
}
