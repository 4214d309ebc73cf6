package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.replication.MemorySegment;
import org.understudy.replication.TargetEnd;

/** A target host on loopback with one replica, and everything that a source needs to reach it. */
final class WireWorld implements AutoCloseable {
    static final DiskName VDA = new DiskName("vda");
    static final DiskName VDB = new DiskName("vdb");
    /** For what is not about limits: none that a machine busy with other things would meet. */
    static final WireLimits PATIENT =
            new WireLimits(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(1), 64);
    /** Soon to notice a link that is lost, and as patient as {@link #PATIENT} until it is opened. */
    static final WireLimits QUICK =
            new WireLimits(Duration.ofSeconds(2), Duration.ofMinutes(1), Duration.ofMinutes(1), 64);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final TestAuthority vault = new TestAuthority("vault");
    final HostId source = HostId.random();
    final HostId target = HostId.random();
    final ItemId item = ItemId.random();
    final MemoryReplica replica = new MemoryReplica(item, source);
    final List<Refused> refusals = new CopyOnWriteArrayList<>();
    final ReplicationServer server;

    record Refused(String peer, Failure failure) {}

    WireWorld() throws IOException {
        this(PATIENT);
    }

    WireWorld(WireLimits limits) throws IOException {
        server = ReplicationServer.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                vault.host(target), replica, (peer, failure) -> refusals.add(new Refused(peer, failure)), limits);
    }

    ReplicationDialer dialer() {
        return dialer(vault.host(source), server.port(), PATIENT);
    }

    ReplicationDialer dialer(TlsIdentity identity, int port, WireLimits limits) {
        return new ReplicationDialer(item, target, "127.0.0.1", port, identity, limits);
    }

    TargetEnd dial() throws IOException {
        return dialer().dial(1);
    }

    static MemorySegment segment(DiskName disk, long sequence, long bytes) {
        return new MemorySegment(disk, at(sequence), new ByteCount(bytes));
    }

    static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }

    /** Waits for a condition that another thread brings about. */
    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        assertThat(replica.openSessions.get()).isZero();
    }
}
