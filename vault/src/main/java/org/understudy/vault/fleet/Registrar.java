package org.understudy.vault.fleet;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Optional;
import java.util.regex.Pattern;
import org.understudy.command.AgentEndpoint;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.access.CertificateAuthority;
import org.understudy.vault.access.Digest;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.workflow.sql.Database;

/**
 * Lets hosts join (V-03). A host name is one host: whoever comes with a good key and the name of a host that is not
 * connected is that host, set up again, and keeps its id and its items; the certificate it had is worth nothing from
 * then on. The name of a connected host is taken.
 */
public final class Registrar {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?");

    /** A name, an IPv4 or an IPv6 address; whether it leads anywhere shows when somebody replicates to it. */
    private static final Pattern ADDRESS = Pattern.compile(
            "[A-Za-z0-9][A-Za-z0-9._-]{0,252}|(?=.{2,64}$)[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9.-]+)?");

    private final Database database;
    private final HostStore hosts;
    private final RegistrationKeyStore keys;
    private final CertificateAuthority authority;
    private final HostAdmission admission;
    private final Clock clock;

    public Registrar(Database database, HostStore hosts, RegistrationKeyStore keys, CertificateAuthority authority,
            HostAdmission admission, Clock clock) {
        this.database = database;
        this.hosts = hosts;
        this.keys = keys;
        this.authority = authority;
        this.admission = admission;
        this.clock = clock;
    }

    /** Registers, or refuses and changes nothing. */
    AgentEndpoint.Registered register(AgentEndpoint.Registration asked) {
        check(asked);
        return database.transact(() -> {
            RegistrationKeyStore.KnownKey key = keys.check(asked.key());
            // One registration of a name at a time, or two new hosts would take one name.
            database.query("select pg_advisory_xact_lock(hashtext(?)) is null as locked",
                    row -> row.flag("locked"), "register " + asked.hostName());
            HostId host = hosts.find(asked.hostName()).map(this::again).orElseGet(HostId::random);
            X509Certificate certificate = authority.issueAgent(asked.certificateRequest(), host);
            hosts.register(host, asked, Digest.of(certificate), clock.instant());
            key.site().ifPresent(site -> admission.admitted(host, site));
            return new AgentEndpoint.Registered(
                    host, CertificateAuthority.pem(certificate), authority.certificatePem());
        });
    }

    private HostId again(Host known) {
        if (known.isConnected(clock.instant())) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS,
                    "a host named %s is registered, and its agent is connected (last heard of at %s)".formatted(
                            known.name(), known.lastSeenAt().orElseThrow()),
                    "Register under another name, or stop that agent first if this host is to take its place.");
        }
        return known.id();
    }

    private static void check(AgentEndpoint.Registration asked) {
        require(asked.key(), "key");
        require(asked.certificateRequest(), "certificateRequest");
        if (!ADDRESS.matcher(require(asked.replicationAddress(), "replicationAddress")).matches()) {
            throw invalid("\"" + asked.replicationAddress() + "\" is no replication address: a name or an address, "
                    + "without a port");
        }
        require(asked.version(), "version");
        if (!NAME.matcher(require(asked.hostName(), "hostName")).matches()) {
            throw invalid("\"" + asked.hostName() + "\" is no name of a host: letters, digits, hyphens and dots");
        }
        if (asked.replicationPort() < 1 || asked.replicationPort() > 65_535) {
            throw invalid(asked.replicationPort() + " is no port; the replication port is 1 to 65535");
        }
    }

    private static String require(String value, String name) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank() && text.length() <= 65_536)
                .orElseThrow(() -> invalid("the registration's \"" + name + "\" is missing or too long"));
    }

    private static FailureException invalid(String message) {
        return FailureException.of(FailureCode.REQUEST_INVALID, message);
    }
}
