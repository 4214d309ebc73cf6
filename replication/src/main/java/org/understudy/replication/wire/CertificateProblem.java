package org.understudy.replication.wire;

import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The part of a broken TLS connection that is about certificates, in words for a person. Whatever else breaks a
 * handshake (a network that cut it, a peer that speaks no TLS or another version) says nothing of who the peer is.
 *
 * <p>JSSE has one exception for all of that, so the cause is asked first and its English text last;
 * {@code ReplicationRefusalTest} and {@code VaultConnectionTest} meet each kind on a real connection.
 */
public final class CertificateProblem {
    private CertificateProblem() {}

    /** What is wrong with the certificate that the peer showed, did not show, or showed without having its key. */
    public static Optional<String> ofPeer(Throwable broken) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            boolean refused = switch (cause) {
                case CertificateException _, SSLPeerUnverifiedException _ -> true;
                case SSLHandshakeException handshake -> !isAlert(handshake) && text(handshake).contains("certificate");
                default -> false;
            };
            if (refused) {
                return Optional.of(String.valueOf(cause.getMessage()));
            }
        }
        return Optional.empty();
    }

    /** What the peer has against the certificate of this side, as its alert says. */
    public static Optional<String> ofOurs(Throwable broken) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException tls && isAlert(tls)
                    && (text(tls).contains("certificate") || text(tls).contains("unknown_ca"))) {
                return Optional.of(tls.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Whether it is the peer that ended the connection, with a reason. */
    private static boolean isAlert(SSLException e) {
        return text(e).contains("received fatal alert");
    }

    private static String text(SSLException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }
}
