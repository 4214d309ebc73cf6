package org.understudy.vault.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.helidon.http.Method;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.PlainText;
import org.understudy.vault.access.Digest;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.AuditTrail;
import org.understudy.vault.http.PlainTextReader;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Routes;

/**
 * The agents' endpoint ({@link AgentEndpoint}): an agent is known by its certificate, of the host it was issued for.
 */
public final class AgentResource implements Resource {
    private static final Logger LOG = LoggerFactory.getLogger(AgentResource.class);
    private static final long WAIT_SECONDS_MAX = 30;
    private static final int REGISTRATION_BYTES_MAX = 16 * 1024;
    /**
     * Requests of reports of one host, which may have 8 MiB each: an agent makes one at a time, and a few may be left
     * of connections that broke and time out.
     */
    private static final int READ_AT_ONCE = 4;

    /** Characters of a text in a report; longer ones are cut, as a report that is refused would come again for ever. */
    private static final int TEXT_MAX = 8192;
    private static final ObjectMapper REPORTS = CommandCodec.mapper().copy().registerModule(new SimpleModule()
            .addDeserializer(String.class, new PlainTextReader(text ->
                    PlainText.of(text.replaceAll("[\\r\\n\\t]+", " "), TEXT_MAX))));

    private final HostStore hosts;
    private final Registrar registrar;
    private final CommandQueue commands;
    private final AuditTrail audit;
    private final ReportDesk desk;
    private final Clock clock;
    /** Those of each host that are read; the next waits unread. */
    private final Map<HostId, Semaphore> reading = new ConcurrentHashMap<>();

    public AgentResource(HostStore hosts, Registrar registrar, CommandQueue commands, AuditTrail audit,
            ReportDesk desk, Clock clock) {
        this.hosts = hosts;
        this.registrar = registrar;
        this.commands = commands;
        this.audit = audit;
        this.desk = desk;
        this.clock = clock;
    }

    @Override
    public void routes(Routes routes) {
        routes.openButPatient(Method.POST, AgentEndpoint.REGISTER, "Register host", this::register);
        routes.open(Method.GET, AgentEndpoint.COMMANDS, "Ask for commands", Set.of("wait", AgentEndpoint.START),
                this::commands);
        routes.open(Method.POST, AgentEndpoint.REPORTS, "Report", Set.of(), this::reports);
    }

    private Object register(Request request) {
        AgentEndpoint.Registration asked =
                request.body(CommandCodec.mapper(), REGISTRATION_BYTES_MAX, AgentEndpoint.Registration.class);
        AgentEndpoint.Registered registered = audit.together(() -> registrar.register(asked, request.peer()));
        request.isKnown();
        LOG.info("host registered host={} id={} from={}", asked.hostName(), registered.host(), request.peer());
        return json(registered);
    }

    private Object commands(Request request) {
        Host host = host(request);
        Duration wait = Duration.ofSeconds(Math.min(WAIT_SECONDS_MAX, request.number("wait", 0, 3600).orElse(0L)));
        commands.starts().hear(host, request.query(AgentEndpoint.START, UUID::fromString));
        hosts.seen(host.id(), clock.instant());
        try {
            return json(new AgentEndpoint.Commands(commands.await(host.id(), wait)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return json(new AgentEndpoint.Commands(List.of()));
        }
    }

    private Object reports(Request request) {
        Host host = host(request);
        Semaphore places = reading.computeIfAbsent(host.id(), first -> new Semaphore(READ_AT_ONCE));
        places.acquireUninterruptibly();
        try {
            return reports(request, host);
        } finally {
            places.release();
        }
    }

    private Object reports(Request request, Host host) {
        AgentEndpoint.Reports reports =
                request.body(REPORTS, AgentEndpoint.REPORTS_BYTES_MAX, AgentEndpoint.Reports.class);
        commands.starts().hear(host, reports.start());
        hosts.seen(host.id(), clock.instant());
        return json(commands.starts().inOrder(host.id(), reports.start(), reports.number(),
                late -> desk.take(host, reports.reports(), late)));
    }

    /** The host that the peer's certificate was issued for, if that host is still one and it is its latest. */
    private Host host(Request request) {
        X509Certificate certificate = request.certificate().orElseThrow(() -> FailureException.of(
                FailureCode.NOT_AUTHENTICATED, "the request comes without the certificate of an agent",
                "Register the host with a registration key of this vault."));
        Host host = id(certificate)
                .flatMap(id -> hosts.findByCertificate(id, Digest.of(certificate)))
                .orElseThrow(() -> FailureException.of(FailureCode.NOT_PERMITTED,
                        "the certificate %s is of no host of this vault, or of one that was removed or registered again"
                                .formatted(certificate.getSubjectX500Principal().getName()),
                        "Register the host again with a registration key made for it."));
        request.isKnown();
        return host;
    }

    private static Optional<HostId> id(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName()).getRdns().stream()
                    .filter(part -> part.getType().equalsIgnoreCase("CN"))
                    .map(part -> HostId.parse(part.getValue().toString()))
                    .findFirst();
        } catch (InvalidNameException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Answer json(Object words) {
        return Answer.of(200, CommandCodec.mapper().valueToTree(words));
    }
}
