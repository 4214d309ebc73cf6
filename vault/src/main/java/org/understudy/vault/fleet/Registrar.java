package org.understudy.vault.fleet;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.understudy.command.AgentEndpoint;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.PlainText;
import org.understudy.vault.access.CertificateAuthority;
import org.understudy.vault.access.Digest;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.vault.http.AuditTrail;
import org.understudy.vault.name.ObjectName;
import org.understudy.workflow.sql.Database;

/**
 * Lets hosts join (V-03). A key lets hosts with new names join. A host that is registered already is set up anew with a
 * key that was made for that very host, and while its agent is silent: it keeps its id and its items; the certificate
 * it had is worth nothing from then on; and the address with which it comes back is told to nobody until a person has
 * confirmed it ({@link HostStore#confirm}). What is refused uses up no key.
 */
public final class Registrar {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?");

    /** A name, an IPv4 or an IPv6 address; whether it leads anywhere shows when somebody replicates to it. */
    private static final Pattern ADDRESS = Pattern.compile(
            "[A-Za-z0-9][A-Za-z0-9._-]{0,252}|(?=.{2,64}$)[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9.-]+)?");

    /** This machine itself, or no machine: of no use to others. */
    private static final Pattern NOWHERE = Pattern.compile(
            "(?i)localhost(\\..*)?|127\\..*|0\\.0\\.0\\.0|0*(:0*){2,7}:?0*1?|::ffff:(127\\..*|0\\.0\\.0\\.0)");

    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+_~:-]{1,64}");

    /** Characters; a key's secret is 117. */
    private static final int WORD_MAX = 256;

    /** Characters; one for a P-256 key is about 500. */
    private static final int CERTIFICATE_REQUEST_MAX = 4096;

    private final Database database;
    private final HostStore hosts;
    private final RegistrationKeyStore keys;
    private final CertificateAuthority authority;
    private final HostAdmission admission;
    private final AuditTrail audit;
    private final Clock clock;

    /** What is asked of others while a host joins: its key, its certificate, its place. */
    public record Desk(RegistrationKeyStore keys, CertificateAuthority authority, HostAdmission admission) {}

    public Registrar(Database database, HostStore hosts, Desk desk, AuditTrail audit, Clock clock) {
        this.database = database;
        this.hosts = hosts;
        this.keys = desk.keys();
        this.authority = desk.authority();
        this.admission = desk.admission();
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Registers, together with its record in the audit; or refuses and changes nothing.
     *
     * @param peer where the request comes from
     */
    AgentEndpoint.Registered register(AgentEndpoint.Registration asked, String peer) {
        check(asked);
        return database.transact(() -> {
            RegistrationKeyStore.KnownKey key = keys.use(asked.key());
            // One registration of a name at a time, or two new hosts would take one name.
            database.query("select pg_advisory_xact_lock(hashtext(?)) is null as locked",
                    row -> row.flag("locked"), "register " + asked.hostName());
            Optional<Host> known = hosts.find(asked.hostName());
            known.ifPresentOrElse(host -> requireFor(host, key), () -> requireNew(asked.hostName(), key));
            HostId host = known.map(Host::id).orElseGet(HostId::random);
            X509Certificate certificate = authority.issueAgent(asked.certificateRequest(), host);
            String fingerprint = Digest.of(certificate);
            if (known.isPresent()) {
                hosts.registerAnew(host, asked, fingerprint, peer, clock.instant());
            } else {
                hosts.register(host, asked, fingerprint, clock.instant());
                key.purpose().site().ifPresent(site -> admission.admitted(host, site));
            }
            audit.record(new AuditTrail.Entry(peer, known.isPresent() ? "Register host anew" : "Register host",
                    Optional.of("host " + asked.hostName()), "done", Optional.of(story(known, asked, key, host))));
            return new AgentEndpoint.Registered(
                    host, CertificateAuthority.pem(certificate), authority.certificatePem());
        });
    }

    private static String story(Optional<Host> before, AgentEndpoint.Registration asked,
            RegistrationKeyStore.KnownKey key, HostId host) {
        return "id %s, key %s of %s, replication address %s:%d%s".formatted(host, key.id(), key.made().by(),
                asked.replicationAddress(), asked.replicationPort(), before.map(known -> ", before %s:%d".formatted(
                        known.replicationAddress(), known.replicationPort())).orElse(""));
    }

    private static void requireNew(String name, RegistrationKeyStore.KnownKey key) {
        key.purpose().host().ifPresent(made -> {
            throw FailureException.of(FailureCode.REGISTRATION_KEY_INVALID,
                    "The registration key was made for host %s; this machine registers as %s.".formatted(
                            key.hostName().orElse(made.toString()), name),
                    "Register with --name " + key.hostName().orElse("NAME")
                            + ", or make a key for hosts with new names.");
        });
    }

    private void requireFor(Host known, RegistrationKeyStore.KnownKey key) {
        if (!key.purpose().host().equals(Optional.of(known.id()))) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS,
                    "A host named %s is registered, and this registration key was not made for it.".formatted(
                            known.name()),
                    ("Register under another name (--name). If this is host %1$s set up anew, have an administrator "
                            + "make a key for it: understudy registration-key create --host %1$s --output FILE")
                            .formatted(known.name()));
        }
        Presence presence = hosts.presence(known.id());
        if (presence instanceof Presence.NotKnown && known.lastSeenAt().isPresent()) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS,
                    "A host named " + known.name() + " is registered, and the vault has not listened for long enough "
                            + "to know whether its agent lives.",
                    "Try again in " + Presence.SILENCE_MAX.toSeconds() + " seconds.");
        }
        if (presence instanceof Presence.Connected) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS,
                    "a host named %s is registered, and its agent is connected (last heard of at %s)".formatted(
                            known.name(), known.lastSeenAt().map(Instant::toString).orElse("just now")),
                    "Register under another name, or stop that agent first if this host is to take its place.");
        }
    }

    private static void check(AgentEndpoint.Registration asked) {
        require(asked.key(), "key", WORD_MAX);
        require(asked.certificateRequest(), "certificateRequest", CERTIFICATE_REQUEST_MAX);
        if (!ADDRESS.matcher(require(asked.replicationAddress(), "replicationAddress", WORD_MAX)).matches()) {
            throw invalid("\"" + PlainText.of(asked.replicationAddress(), WORD_MAX)
                    + "\" is no replication address: a name or an address, without a port");
        }
        if (NOWHERE.matcher(asked.replicationAddress()).matches()) {
            throw invalid("\"" + asked.replicationAddress() + "\" leads other hosts to themselves and not to this one: "
                    + "the replication address is the one by which they reach it");
        }
        if (!VERSION.matcher(require(asked.version(), "version", WORD_MAX)).matches()) {
            throw invalid("the version of the agent is 1 to 64 letters, digits and . + _ ~ : -");
        }
        if (!NAME.matcher(require(asked.hostName(), "hostName", WORD_MAX)).matches()) {
            throw invalid("\"" + PlainText.of(asked.hostName(), WORD_MAX)
                    + "\" is no name of a host: letters, digits, hyphens and dots");
        }
        if (ObjectName.isId(asked.hostName())) {
            throw invalid("\"" + asked.hostName() + "\" is no name of a host: it looks like the id of one");
        }
        if (asked.replicationPort() < 1 || asked.replicationPort() > 65_535) {
            throw invalid(asked.replicationPort() + " is no port; the replication port is 1 to 65535");
        }
    }

    private static String require(String value, String name, int charactersMax) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank() && text.length() <= charactersMax)
                .orElseThrow(() -> invalid("the registration's \"" + name + "\" is missing or too long"));
    }

    private static FailureException invalid(String message) {
        return FailureException.of(FailureCode.REQUEST_INVALID, message);
    }
}
