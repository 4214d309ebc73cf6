package org.understudy.agent.main;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.target.ReplicaReception;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureRequest;
import org.understudy.capture.DiskCapture;
import org.understudy.capture.TargetContent;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.nbd.NbdCaptureDisk;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.FileSegment;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.PeerIdentity;
import org.understudy.replication.wire.ReplicationDialer;
import org.understudy.replication.wire.ReplicationServer;
import org.understudy.replication.wire.TlsIdentity;
import org.understudy.replication.wire.WireLimits;
import org.understudy.replication.wire.WireWarmUp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Goes once through what an agent does with data, source and target in one process, while the JVM takes notes for the
 * cache with which agents start (decision 12). The build runs it; it needs no VM, vault or root, and whatever it leaves
 * is in the folder that it was given.
 */
@Command(name = "train", description = "Go through an agent's work, for the JVM to take notes.", hidden = true)
final class TrainCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(TrainCommand.class);
    private static final DiskName DISK = new DiskName("vda");
    private static final long GENERATION = 1;
    /** The second overwrites what the first brought, which is another path. */
    private static final int CYCLES = 2;
    /** A driver of libvirt that lives within the library and has one machine. */
    private static final String MADE_UP_MACHINES = "test:///default";

    @Option(names = "--folder", required = true, paramLabel = "DIR", description = "For logs and a replica.")
    private Path folder;

    @Option(names = "--key-store", required = true, paramLabel = "FILE",
            description = "One key, whose certificate signs itself and names a host.")
    private Path keyStore;

    @Option(names = "--key-store-password", required = true, paramLabel = "WORD", description = "Opens it.")
    private String password;

    @Option(names = "--nbd", paramLabel = "SOCKET", description = "Serves a disk to read; without it none is read.")
    private Path nbd;

    @Override
    public Integer call() throws IOException {
        TlsIdentity identity = identity();
        HostId host = PeerIdentity.of(identity.authority()).host();
        try (WireWarmUp warmUp = new WireWarmUp(host, identity)) {
            warmUp.run();
        }
        if (nbd != null) {
            replicate(host, identity);
        }
        // Last: a machine that builds need not have libvirt.
        bindLibvirt();
        return 0;
    }

    private TlsIdentity identity() throws IOException {
        try {
            KeyStore keys = KeyStore.getInstance(keyStore.toFile(), password.toCharArray());
            String alias = keys.aliases().nextElement();
            X509Certificate certificate = (X509Certificate) keys.getCertificate(alias);
            PrivateKey key = (PrivateKey) keys.getKey(alias, password.toCharArray());
            return new TlsIdentity(key, List.of(certificate), certificate);
        } catch (GeneralSecurityException e) {
            throw new IOException("the key store " + keyStore + " cannot be used", e);
        }
    }

    /** Its functions are bound on the way to a connection; some versions refuse the rest of it to such a driver. */
    private static void bindLibvirt() {
        try (LibvirtHypervisor libvirt = new LibvirtHypervisor(MADE_UP_MACHINES, Clock.systemUTC())) {
            libvirt.machines();
        } catch (IOException refused) {
            LOG.debug("libvirt was bound and refused to go on", refused);
        }
    }

    private void replicate(HostId host, TlsIdentity identity) throws IOException {
        Clock clock = Clock.systemUTC();
        ItemId item = ItemId.random();
        VmId vm = VmId.random();
        LogDirectory logs = new LogDirectory(folder.resolve("logs"), LogKind.CHANGE);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ReplicaCatalog catalog = ReplicaCatalog.open(
                        folder.resolve("replicas"), ReplicaSettings.usual(clock));
                ReplicationServer server = ReplicationServer.listen(new InetSocketAddress(here, 0), identity,
                        new ReplicaReception(catalog), (peer, failure) -> { }, WireLimits.USUAL)) {
            Replica replica = catalog.create(new ReplicaSpec(item, GENERATION, vm, "training", host,
                    List.of(new ReplicaDisk(DISK, diskSize())), new Retention(0, Duration.ofHours(1))));
            ReplicationDialer dialer = new ReplicationDialer(
                    item, host, here.getHostAddress(), server.port(), identity, WireLimits.USUAL);
            try (TargetEnd target = dialer.dial(GENERATION)) {
                for (int sequence = 1; sequence <= CYCLES; sequence++) {
                    LogPosition position = new LogPosition(GENERATION, sequence);
                    capture(vm, position, logs, clock);
                    target.ship(FileSegment.of(DISK, position, logs.file(DISK, position)), 0);
                    target.acknowledge(position);
                    replica.applyPending();
                }
            }
        }
    }

    private ByteCount diskSize() throws IOException {
        try (CaptureDisk disk = connect()) {
            return disk.size();
        }
    }

    private void capture(VmId vm, LogPosition position, LogDirectory logs, Clock clock) throws IOException {
        try (CaptureDisk disk = connect(); DiskCapture capture = new DiskCapture(DiskCapture.LANES, Compression.ZSTD)) {
            CaptureRange range = DiskCapture.plan(disk, ByteCount.ZERO, disk.size());
            ChangeLogHeader header = new ChangeLogHeader(vm, DISK, position, position.sequence() - 1, disk.size(),
                    range.coveredAfter(), clock.instant(), Consistency.CRASH);
            try (ChangeLogWriter writer = logs.begin(header, Compression.ZSTD)) {
                capture.capture(new CaptureRequest(disk, range, TargetContent.BLANK), writer,
                        () -> { });
                logs.close(writer);
            }
        }
    }

    private CaptureDisk connect() throws IOException {
        return NbdCaptureDisk.connect(nbd, "", Optional.empty());
    }
}
