package org.understudy.agent.target;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.RoleStore;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareInMemory;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replica.AdoptedImage;
import org.understudy.replica.Adoption;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.MachineState;
import org.understudy.replication.SegmentOffer;

/** A target host with one replica of VM web01 and a hypervisor that notes what it is told. */
final class TargetWorld implements AutoCloseable {
    static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(1);

    final ItemId item = ItemId.random();
    final VmId vm = VmId.random();
    final List<String> told = new ArrayList<>();
    final List<String> roleNotes = new ArrayList<>();
    final List<String> refusals = new ArrayList<>();
    final Map<VmId, MachineDefinition> defined = new HashMap<>();
    final Map<VmId, PowerState> powers = new HashMap<>();
    ReplicaMachines machines;
    boolean refusesToDefine;
    ByteCount free = ByteCount.ofGibibytes(100);
    final RoleStore roles;
    private final Path folder;
    final FirmwareInMemory firmware = new FirmwareInMemory();
    final NotedDiskJobs jobs = new NotedDiskJobs(this);
    private final Hypervisor hypervisor;
    private ReplicaCatalog catalog;
    private Replica replica;
    private LogPosition position = LogPosition.startOf(1);

    TargetWorld(Path folder) throws IOException {
        this(folder, Optional.empty());
    }

    /** @param image of an old disk that becomes the replica's */
    TargetWorld(Path folder, Optional<Path> image) throws IOException {
        this(folder, image, FirmwareBundle.NONE);
    }

    /** @param left what firmware and TPM of the VM kept beside that disk */
    TargetWorld(Path folder, Optional<Path> image, FirmwareBundle left) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("images"));
        Clock clock = Clock.systemUTC();
        this.roles = new RoleStore(folder.resolve("agent"));
        this.catalog = ReplicaCatalog.open(folder.resolve("replicas"), settings());
        ReplicaSpec spec = new ReplicaSpec(item, 1, vm, "web01", HostId.random(),
                List.of(new ReplicaDisk(VDA, SIZE)), new Retention(24, Duration.ofDays(1)));
        this.replica = image.isEmpty() ? catalog.create(spec) : catalog.adopt(spec, new Adoption(
                Map.of(VDA, new AdoptedImage(image.get(), "qcow2")), clock.instant(), false,
                new MachineState(left.encode())));
        this.hypervisor = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, arguments) -> answer(method.getName(), arguments));
        this.machines = machines();
    }

    private ReplicaSettings settings() {
        ReplicaSettings usual = ReplicaSettings.usual(Clock.systemUTC());
        return new ReplicaSettings(usual.clock(), usual.reserve(), _ -> free, usual.emulator(), usual.images(),
                usual.faults());
    }

    private ReplicaMachines machines() {
        return new ReplicaMachines(catalog, hypervisor,
                new TargetPlanner(hypervisor, new BootFolder(folder.resolve("boot"))),
                new HostRoles(roles, hypervisor, Clock.systemUTC()), new ImageFolder(folder.resolve("images")),
                Clock.systemUTC());
    }

    /** What hands disks over, as after a start of the agent. */
    HandOvers handOvers() {
        return new HandOvers(catalog, hypervisor);
    }

    /** As an agent that begins anew finds it. */
    void reopen() throws IOException {
        catalog.close();
        catalog = ReplicaCatalog.open(folder.resolve("replicas"), settings());
        replica = catalog.find(relationship()).orElseThrow();
        machines = machines();
    }

    RelationshipId relationship() {
        return RelationshipId.first(item);
    }

    private Object answer(String method, Object[] arguments) {
        switch (method) {
            case "capabilities" -> {
                return TargetCapabilities.unknown(MachineDefinition.Type.QEMU);
            }
            case "firmware" -> {
                return firmware;
            }
            case "diskJobs" -> {
                return jobs;
            }
            case "refusals" -> {
                return List.copyOf(refusals);
            }
            case "machine" -> {
                VmId id = (VmId) arguments[0];
                return Optional.ofNullable(powers.get(id)).map(power ->
                        new VirtualMachine(id, defined.get(id).name(), power, jobs.disksOf(defined.get(id)),
                                List.of()));
            }
            case "definition" -> {
                return defined.get((VmId) arguments[0]);
            }
            case "define" -> {
                if (refusesToDefine) {
                    throw FailureException.of(FailureCode.HYPERVISOR_REFUSED, "libvirt refused to define VM web01");
                }
                MachineDefinition machine = (MachineDefinition) arguments[0];
                defined.put(machine.id(), machine);
                powers.put(machine.id(), PowerState.SHUT_OFF);
                told.add("define");
            }
            case "start" -> {
                powers.put((VmId) arguments[0], PowerState.RUNNING);
                told.add("start");
            }
            case "undefine" -> {
                defined.remove((VmId) arguments[0]);
                powers.remove((VmId) arguments[0]);
                told.add("undefine, firmware " + arguments[1]);
            }
            case "noteRole" -> roleNotes.add(String.valueOf(arguments[1]));
            case "setAutostart" -> told.add("autostart " + arguments[1]);
            default -> told.add(method);
        }
        return null;
    }

    ReplicaCatalog catalog() {
        return catalog;
    }

    Replica replica() {
        return replica;
    }

    /** The definition of web01 with some adapters and more devices. */
    String definition(String devices) {
        return "<domain type='qemu'><name>web01</name><uuid>" + vm + "</uuid><memory unit='MiB'>64</memory>"
                + "<os><type arch='x86_64' machine='q35'>hvm</type></os><devices><disk type='file' device='disk'>"
                + "<driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>"
                + devices + "</devices></domain>";
    }

    /** The source tells what firmware and TPM of the VM keep from its next position on. */
    void keeps(FirmwareBundle bundle) throws IOException {
        replica.rememberState(position.next(), new MachineState(bundle.encode()));
    }

    /** A whole cycle at whose position the VM is defined so. */
    void cycle(String definition) throws IOException {
        LogPosition next = position.next();
        replica.rememberDefinition(next, definition);
        LogDirectory logs = new LogDirectory(Files.createDirectories(folder.resolve("logs")), LogKind.CHANGE);
        ChangeLogHeader header = new ChangeLogHeader(vm, VDA, next, position.sequence(), SIZE, SIZE,
                Instant.parse("2026-11-28T00:00:00Z").plusSeconds(next.sequence()), Consistency.CRASH);
        try (ChangeLogWriter writer = logs.begin(header, Compression.NONE)) {
            writer.data(0, ByteBuffer.wrap(new byte[4096]));
            logs.close(writer);
        }
        Path log = logs.file(VDA, next);
        long capture;
        try (ChangeLogReader reader = ChangeLogReader.open(log)) {
            capture = reader.header().capture();
        }
        try (var receiver = replica.receive(new SegmentOffer(
                VDA, next, capture, new ByteCount(Files.size(log)), 0))) {
            receiver.accept(ByteBuffer.wrap(Files.readAllBytes(log)));
            receiver.durable();
        }
        replica.acknowledge(next);
        replica.applyPending();
        position = next;
    }

    @Override
    public void close() throws IOException {
        catalog.close();
    }
}
