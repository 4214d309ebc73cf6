package org.understudy.replication.wire;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.replication.TargetDialer;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.WireMessage.Hello;

/** The way over TCP and TLS to the target of one item. Names are resolved anew at each call: hosts move. */
public final class ReplicationDialer implements TargetDialer {
    private static final int KNOCK_MILLIS = 2000;
    /** How long a target that spoke an older version is greeted in that one, before the newest is tried again. */
    private static final Duration OLDER_FOR = Duration.ofMinutes(10);

    private final ItemId item;
    private final HostId target;
    private final String address;
    private final int port;
    private final SSLContext context;
    private final WireLimits limits;
    private volatile Optional<Older> older = Optional.empty();

    /**
     * A version that the target spoke.
     *
     * @param until when it is greeted in that one, by the clock that only goes forward
     */
    private record Older(int version, long until) {}

    /** {@code target} is proved by its certificate; {@code address} only says where to ask. */
    public ReplicationDialer(
            ItemId item, HostId target, String address, int port, TlsIdentity identity, WireLimits limits) {
        this.item = Objects.requireNonNull(item, "item");
        this.target = Objects.requireNonNull(target, "target");
        this.address = Objects.requireNonNull(address, "address");
        this.port = port;
        this.context = identity.context();
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    @Override
    public TargetEnd dial(long generation) throws IOException {
        int newest = spoken().map(Older::version).orElse(WireCodec.VERSION);
        // The two hosts are updated one after the other: what both understand goes on meanwhile.
        for (int version = newest; version > WireCodec.VERSION_MIN; version--) {
            Optional<TargetEnd> target = dialIfSpoken(generation, version);
            if (target.isPresent()) {
                return target.get();
            }
        }
        return noted(WireCodec.VERSION_MIN, dial(generation, WireCodec.VERSION_MIN));
    }

    private Optional<Older> spoken() {
        return older.filter(known -> System.nanoTime() - known.until() < 0);
    }

    /** Empty where the target speaks no such version. */
    private Optional<TargetEnd> dialIfSpoken(long generation, int version) throws IOException {
        try {
            return Optional.of(noted(version, dial(generation, version)));
        } catch (FailureException e) {
            if (e.failure().code() != FailureCode.AGENTS_DIFFER) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private TargetEnd noted(int version, TargetEnd target) {
        if (version < WireCodec.VERSION && spoken().filter(known -> known.version() == version).isEmpty()) {
            older = Optional.of(new Older(version, System.nanoTime() + OLDER_FOR.toNanos()));
        }
        return target;
    }

    private TargetEnd dial(long generation, int version) throws IOException {
        CountingSocket raw = new CountingSocket();
        connect(raw, Math.toIntExact(limits.connect().toMillis()));
        return ReplicationClient.open(
                new WireChannel(raw, context, true, limits), target,
                new Hello(new RelationshipId(item, generation), version));
    }

    /** Connects and hangs up without a word, which the server takes for what it is. */
    @Override
    public boolean reachable() {
        try (Socket knock = new Socket()) {
            connect(knock, KNOCK_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void connect(Socket socket, int millis) throws IOException {
        try {
            socket.connect(new InetSocketAddress(address, port), millis);
        } catch (IOException e) {
            socket.close();
            ConnectException unreachable =
                    new ConnectException("no answer at " + address + ":" + port + ": " + e.getMessage());
            unreachable.initCause(e);
            throw unreachable;
        }
    }
}
