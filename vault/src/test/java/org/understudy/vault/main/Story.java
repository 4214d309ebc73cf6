package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.postgresql.ds.PGSimpleDataSource;
import org.understudy.api.CloudPairRequest;
import org.understudy.api.CloudRequest;
import org.understudy.api.HostView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandCodec;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;
import org.understudy.vault.database.DatabaseConfig;
import org.understudy.vault.database.SecretFile;
import org.understudy.vault.database.TestDatabase;
import org.understudy.workflow.sql.Database;

/** A vault over real HTTPS and PostgreSQL with two sites, a scripted agent at each, paired and mapped. */
public final class Story implements AutoCloseable {
    public static final VmId WEB01 = VmId.random();

    private final VaultConfig config;
    private final MovableClock clock = new MovableClock();
    private Vault vault;
    private VaultClient people;
    private ScriptedAgent stockholm;
    private ScriptedAgent amsterdam;
    private final List<ScriptedAgent> others = new ArrayList<>();

    private Story(Path data) throws IOException {
        this.config = new VaultConfig(data, new InetSocketAddress("127.0.0.1", 0), List.of(),
                Optional.of("nordic"), TestDatabase.fresh());
    }

    /** A vault with nothing in it. */
    public static Story empty(Path data) throws IOException {
        Story story = new Story(data);
        story.start();
        return story;
    }

    /** Two hosts that report VMs and networks; sites, clouds, a policy, a pair and a mapping. */
    public static Story told(Path data) throws IOException {
        Story story = empty(data);
        story.people.createSite("stockholm");
        story.people.createSite("amsterdam");
        story.join();
        story.stockholm.has(List.of(web01(PowerState.RUNNING), untrackable()),
                new VirtualNetwork("prod", true, List.of("default", "web")));
        story.amsterdam.has(List.of(), new VirtualNetwork("prod-ams", true, List.of("first", "web")),
                new VirtualNetwork("lab", true, List.of()));
        story.people.createCloud(new CloudRequest("gold", "stockholm", List.of("kvm-sto")));
        story.people.createCloud(new CloudRequest("gold-ams", "amsterdam", List.of("kvm-ams")));
        story.people.createPolicy(PolicyRequest.named("fast", Duration.ofSeconds(2)));
        story.people.createCloudPair(new CloudPairRequest(Optional.empty(), "gold", "gold-ams", "fast"));
        story.people.mapNetwork(new NetworkMappingRequest("stockholm", "prod", "amsterdam", "prod-ams"));
        return story;
    }

    /** Registers a host at each site, by a key of that site; or sets it up anew, by a key made for it. */
    public void join() {
        stockholm = joined(() -> ScriptedAgent.join(vault, secret("stockholm", "kvm-sto"), "kvm-sto", clock));
        amsterdam = joined(() -> ScriptedAgent.join(vault, secret("amsterdam", "kvm-ams"), "kvm-ams", clock));
    }

    /** One more host of a site and of a cloud there. */
    public ScriptedAgent another(String site, String cloud, String name) {
        ScriptedAgent agent = joined(() -> ScriptedAgent.join(vault, secret(site, name), name, clock));
        people.addHostToCloud(cloud, name);
        others.add(agent);
        return agent;
    }

    /** A name that is taken is refused until the vault knows whether its host lives. */
    private static ScriptedAgent joined(Supplier<ScriptedAgent> join) {
        return Awaiting.until(() -> {
            try {
                return Optional.of(join.get());
            } catch (FailureException e) {
                assertThat(e.failure().code()).isEqualTo(FailureCode.ALREADY_EXISTS);
                return Optional.<ScriptedAgent>empty();
            }
        }, Optional::isPresent).orElseThrow();
    }

    /** A VM with a disk that can be tracked. */
    public static VirtualMachine web01(PowerState power) {
        return new VirtualMachine(WEB01, "web01", power,
                List.of(new VirtualDisk(new DiskName("vda"), "/var/lib/vms/web01.qcow2", "qcow2",
                        ByteCount.ofGibibytes(1), Optional.empty())),
                List.of(new NetworkAdapter(0, "52:54:00:00:00:01", Optional.of("prod"), Optional.of("web"))));
    }

    /** The same VM with one disk more. */
    public static VirtualMachine withDisk(VirtualMachine machine, String name) {
        List<VirtualDisk> disks = new ArrayList<>(machine.disks());
        disks.add(disk(name, "qcow2", null));
        return new VirtualMachine(machine.id(), machine.name(), machine.power(), disks, machine.adapters());
    }

    /** A VM with one disk that can be tracked and two that cannot. */
    public static VirtualMachine untrackable() {
        return new VirtualMachine(VmId.random(), "raw01", PowerState.RUNNING, List.of(
                disk("vda", "qcow2", null), disk("vdb", "raw", "Disk vdb of VM raw01 has the format raw."),
                disk("vdc", "qcow2", "Disk vdc of VM raw01 is shared.")), List.of());
    }

    public VaultClient people() {
        return people;
    }

    public Vault vault() {
        return vault;
    }

    public MovableClock clock() {
        return clock;
    }

    public ScriptedAgent stockholm() {
        return stockholm;
    }

    public ScriptedAgent amsterdam() {
        return amsterdam;
    }

    /** Stops the vault and starts it again, at another port; the agents are left behind. */
    public void restart() throws IOException {
        restart(Duration.ZERO);
    }

    /** The same, after the vault was away for so long. */
    public void restart(Duration away) throws IOException {
        stop();
        clock.move(away);
        start();
    }

    /** web01 protected, its initial replication done, with points 1-3 to 1-5. */
    public ItemId protectedItem() {
        JobView job = people.protect(ProtectRequest.of("web01"));
        ItemId item = ItemId.parse(job.object().orElseThrow().id());
        Awaiting.until(() -> stockholm.wasAsked(AgentCommand.StartReplication.class), is -> is);
        stockholm.replicates(item, 50, 1);
        ended(job.id());
        stockholm.replicates(item, 100, 5);
        amsterdam.holds(item, 3);
        state(item, "Protected");
        return item;
    }

    /** The item once it is in that state and no job works on it. */
    public ItemView state(ItemId item, String state) {
        return Awaiting.until(() -> people.item(item.toString()),
                view -> view.state().equals(state) && view.currentJob().isEmpty());
    }

    /** The job once it ended or waits for a person. */
    public JobView ended(JobId job) {
        return Awaiting.until(() -> people.job(job),
                view -> view.state().isEnded() || view.state() == JobView.State.SUSPENDED);
    }

    /** A file with a token, as command lines take it. */
    Path token(String secret) throws IOException {
        return Files.writeString(config.data().resolve("a.token"), secret);
    }

    /** The vault's tables, to put in them what no agent and no person would; beside the vault, which is alone there. */
    Tables tables() throws IOException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        switch (config.database()) {
            case DatabaseConfig.External external -> {
                source.setUrl(external.url());
                source.setUser(external.user());
                source.setPassword(SecretFile.read(external.passwordFile()));
            }
            case DatabaseConfig.Embedded _ -> throw new AssertionError("stories share one server");
        }
        return new Tables(new Database(source));
    }

    /** The same. */
    record Tables(Database database) implements AutoCloseable {
        @Override
        public void close() {
            // Each statement has a connection of its own.
        }
    }

    @Override
    public void close() {
        if (stockholm != null) {
            stockholm.close();
            amsterdam.close();
            others.forEach(ScriptedAgent::close);
        }
        stop();
    }

    private String secret(String site, String host) {
        Optional<String> known = people.hosts().stream().map(HostView::name).filter(host::equals).findFirst();
        String file = people.createRegistrationKey(new RegistrationKeyRequest(
                Optional.of(site), Optional.empty(), known, Optional.empty())).file();
        try {
            return CommandCodec.mapper().readTree(file).get("secret").asText();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void start() throws IOException {
        vault = Vault.start(config, clock, clock.monotonic());
        people = new VaultClient(VaultAddress.of(vault.url(), vault.authorityFile(), vault.tokenFile()));
    }

    private void stop() {
        people.close();
        vault.close();
    }

    private static VirtualDisk disk(String name, String format, String obstacle) {
        return new VirtualDisk(new DiskName(name), "/var/lib/vms/raw01-" + name, format, ByteCount.ofGibibytes(1),
                Optional.ofNullable(obstacle));
    }
}
