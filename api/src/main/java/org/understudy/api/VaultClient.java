package org.understudy.api;

import com.fasterxml.jackson.databind.JavaType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;

/**
 * The vault's REST interface, typed. Objects are named by name or id. Whatever the vault refuses, and a vault that does
 * not answer, is a {@link org.understudy.model.FailureException}. Safe for many threads.
 */
public final class VaultClient implements AutoCloseable {
    private static final int NAME_MAX = 255;

    private final VaultConnection connection;

    public VaultClient(VaultAddress vault) {
        this.connection = new VaultConnection(vault);
    }

    public VaultView vault() {
        return connection.get("/vault", one(VaultView.class));
    }

    /** The OpenAPI document of the vault that answers. */
    public String openApi() {
        return connection.getText("/openapi.yaml");
    }

    public RegistrationKeyView createRegistrationKey(RegistrationKeyRequest request) {
        return connection.post("/registration-keys", request, one(RegistrationKeyView.class));
    }

    /** Newest first, without their secrets. */
    public List<RegistrationKeyStateView> registrationKeys() {
        return connection.get("/registration-keys", many(RegistrationKeyStateView.class));
    }

    /** Ends a key; hosts that joined with it stay. */
    public void revokeRegistrationKey(String key) {
        connection.delete("/registration-keys/" + name(key));
    }

    public List<SiteView> sites() {
        return connection.get("/sites", many(SiteView.class));
    }

    public SiteView site(String site) {
        return connection.get("/sites/" + name(site), one(SiteView.class));
    }

    public SiteView createSite(String name) {
        return connection.post("/sites", new SiteRequest(name), one(SiteView.class));
    }

    public void deleteSite(String site) {
        connection.delete("/sites/" + name(site));
    }

    public List<HostView> hosts() {
        return connection.get("/hosts", many(HostView.class));
    }

    public HostView host(String host) {
        return connection.get("/hosts/" + name(host), one(HostView.class));
    }

    public HostView assignHost(String host, String site) {
        return connection.put("/hosts/" + name(host) + "/site", new HostSiteRequest(site), one(HostView.class));
    }

    /** Says that a host that was set up anew is the same machine: its new address is told to the others. */
    public HostView confirmHost(String host) {
        return connection.post("/hosts/" + name(host) + "/confirm", Map.of(), one(HostView.class));
    }

    /** The folders of replicas that lie on a host; its agent is asked. */
    public List<HoldingView> holdings(String host) {
        return connection.get("/hosts/" + name(host) + "/holdings", many(HoldingView.class));
    }

    /** Removes the replica of an item that has ended. */
    public JobView removeHolding(String host, String item, RemoveHoldingRequest request) {
        return connection.begin(holding(host, item), request, one(JobView.class));
    }

    public DryRunView removeHoldingDryRun(String host, String item, RemoveHoldingRequest request) {
        return connection.post(holding(host, item) + "?dryRun=true", request, one(DryRunView.class));
    }

    private static String holding(String host, String item) {
        return "/hosts/" + name(host) + "/holdings/" + name(item) + "/remove";
    }

    public void deleteHost(String host) {
        connection.delete("/hosts/" + name(host));
    }

    public List<CloudView> clouds() {
        return connection.get("/clouds", many(CloudView.class));
    }

    public CloudView cloud(String cloud) {
        return connection.get("/clouds/" + name(cloud), one(CloudView.class));
    }

    public CloudView createCloud(CloudRequest request) {
        return connection.post("/clouds", request, one(CloudView.class));
    }

    public CloudView addHostToCloud(String cloud, String host) {
        return connection.put("/clouds/" + name(cloud) + "/hosts/" + name(host), Map.of(), one(CloudView.class));
    }

    public void removeHostFromCloud(String cloud, String host) {
        connection.delete("/clouds/" + name(cloud) + "/hosts/" + name(host));
    }

    public void deleteCloud(String cloud) {
        connection.delete("/clouds/" + name(cloud));
    }

    public List<PolicyView> policies() {
        return connection.get("/policies", many(PolicyView.class));
    }

    public PolicyView policy(String policy) {
        return connection.get("/policies/" + name(policy), one(PolicyView.class));
    }

    public PolicyView createPolicy(PolicyRequest request) {
        return connection.post("/policies", request, one(PolicyView.class));
    }

    public PolicyView changePolicy(String policy, PolicyRequest request) {
        return connection.put("/policies/" + name(policy), request, one(PolicyView.class));
    }

    public void deletePolicy(String policy) {
        connection.delete("/policies/" + name(policy));
    }

    public List<CloudPairView> cloudPairs() {
        return connection.get("/cloud-pairs", many(CloudPairView.class));
    }

    public CloudPairView cloudPair(String pair) {
        return connection.get("/cloud-pairs/" + name(pair), one(CloudPairView.class));
    }

    public CloudPairView createCloudPair(CloudPairRequest request) {
        return connection.post("/cloud-pairs", request, one(CloudPairView.class));
    }

    public void deleteCloudPair(String pair) {
        connection.delete("/cloud-pairs/" + name(pair));
    }

    public List<NetworkView> networks(Optional<String> site) {
        return connection.get("/networks" + query("site", site), many(NetworkView.class));
    }

    public List<NetworkMappingView> networkMappings() {
        return connection.get("/network-mappings", many(NetworkMappingView.class));
    }

    public NetworkMappingView mapNetwork(NetworkMappingRequest request) {
        return connection.post("/network-mappings", request, one(NetworkMappingView.class));
    }

    public void deleteNetworkMapping(String mapping) {
        connection.delete("/network-mappings/" + name(mapping));
    }

    /** A VM by its name or id, the first when several hosts have it. */
    public MachineView machine(String nameOrId) {
        return connection.get("/machines/" + name(nameOrId), one(MachineView.class));
    }

    /** Protectable items, of one host if one is named. */
    public List<MachineView> machines(Optional<String> host) {
        return connection.get("/machines" + query("host", host), many(MachineView.class));
    }

    public List<ItemView> items() {
        return connection.get("/items", many(ItemView.class));
    }

    public ItemView item(String item) {
        return connection.get("/items/" + name(item), one(ItemView.class));
    }

    /** The newest of them, {@code limit} at most. */
    public List<RecoveryPointView> recoveryPoints(String item, int limit) {
        return connection.get("/items/" + name(item) + "/points?limit=" + limit, many(RecoveryPointView.class));
    }

    public List<RecoveryPointView> recoveryPoints(String item) {
        return connection.get("/items/" + name(item) + "/points", many(RecoveryPointView.class));
    }

    /** Its test failovers that were cleaned up, newest first. */
    public List<EndedTestView> tests(String item) {
        return connection.get("/items/" + name(item) + "/tests", many(EndedTestView.class));
    }

    public JobView protect(ProtectRequest request) {
        return connection.begin("/items", request, one(JobView.class));
    }

    public DryRunView protectDryRun(ProtectRequest request) {
        return connection.post("/items?dryRun=true", request, one(DryRunView.class));
    }

    /** Begins an operation on an item; those below are the same with their requests spelt out. */
    public JobView operate(String item, Operation operation, Object request) {
        return connection.begin("/items/" + name(item) + "/" + operation.path(), request, one(JobView.class));
    }

    /** What an operation on an item would do; changes nothing. */
    public DryRunView rehearse(String item, Operation operation, Object request) {
        return connection.post(
                "/items/" + name(item) + "/" + operation.path() + "?dryRun=true", request, one(DryRunView.class));
    }

    public JobView testFailover(String item, TestFailoverRequest request) {
        return operate(item, Operation.TEST_FAILOVER, request);
    }

    public DryRunView testFailoverDryRun(String item, TestFailoverRequest request) {
        return rehearse(item, Operation.TEST_FAILOVER, request);
    }

    public JobView cleanUpTestFailover(String item, CleanupRequest request) {
        return operate(item, Operation.TEST_FAILOVER_CLEANUP, request);
    }

    public JobView failOverAsPlanned(String item) {
        return operate(item, Operation.PLANNED_FAILOVER, Map.of());
    }

    public DryRunView failOverAsPlannedDryRun(String item) {
        return rehearse(item, Operation.PLANNED_FAILOVER, Map.of());
    }

    public JobView failOver(String item, FailoverRequest request) {
        return operate(item, Operation.UNPLANNED_FAILOVER, request);
    }

    public DryRunView failOverDryRun(String item, FailoverRequest request) {
        return rehearse(item, Operation.UNPLANNED_FAILOVER, request);
    }

    /** Takes a failover back that stopped before its VM was defined at the target. */
    public JobView abandonFailover(String item) {
        return operate(item, Operation.ABANDON_FAILOVER, Map.of());
    }

    public JobView commit(String item) {
        return operate(item, Operation.COMMIT, Map.of());
    }

    /** Begins no cycle any more until it is resumed. */
    public JobView pause(String item, PauseRequest request) {
        return operate(item, Operation.PAUSE_REPLICATION, request);
    }

    /** Makes replication go on that is paused or stands still. */
    public JobView resume(String item) {
        return operate(item, Operation.RESUME_REPLICATION, Map.of());
    }

    public JobView disable(String item, DisableRequest request) {
        return operate(item, Operation.DISABLE_PROTECTION, request);
    }

    public DryRunView disableDryRun(String item, DisableRequest request) {
        return rehearse(item, Operation.DISABLE_PROTECTION, request);
    }

    /** Newest first; of one object if its id is given, and the active ones alone if asked. */
    public List<JobView> jobs(Optional<String> object, boolean active) {
        Map<String, String> wanted = new LinkedHashMap<>();
        object.ifPresent(id -> wanted.put("object", id));
        if (active) {
            wanted.put("active", "true");
        }
        return connection.get("/jobs" + query(wanted), many(JobView.class));
    }

    public JobView job(JobId job) {
        return connection.get("/jobs/" + job, one(JobView.class));
    }

    public JobView cancel(JobId job) {
        return connection.post("/jobs/" + job + "/cancel", Map.of(), one(JobView.class));
    }

    public JobView restart(JobId job) {
        return connection.post("/jobs/" + job + "/restart", Map.of(), one(JobView.class));
    }

    /** Lets a suspended job go on that nothing else lets go on. */
    public JobView resume(JobId job) {
        return connection.post("/jobs/" + job + "/resume", Map.of(), one(JobView.class));
    }

    public List<TokenView> tokens() {
        return connection.get("/tokens", many(TokenView.class));
    }

    public NewTokenView createToken(TokenRequest request) {
        return connection.post("/tokens", request, one(NewTokenView.class));
    }

    public void deleteToken(String name) {
        connection.delete("/tokens/" + name(name));
    }

    /** The newest audit records, newest first. */
    public List<AuditView> audit(int limit) {
        return connection.get("/audit?limit=" + limit, many(AuditView.class));
    }

    @Override
    public void close() {
        connection.close();
    }

    private static JavaType one(Class<?> type) {
        return ApiCodec.mapper().constructType(type);
    }

    private static JavaType many(Class<?> type) {
        return ApiCodec.mapper().getTypeFactory().constructCollectionType(List.class, type);
    }

    private static String query(String name, Optional<String> value) {
        return query(value.map(text -> Map.of(name, text)).orElse(Map.of()));
    }

    private static String query(Map<String, String> wanted) {
        return wanted.isEmpty() ? "" : wanted.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + segment(entry.getValue()))
                .collect(Collectors.joining("&", "?", ""));
    }

    /** A name or id within a path; one that would make another path is refused, not sent. */
    private static String name(String text) {
        if (text.isBlank() || text.equals(".") || text.equals("..") || text.indexOf('/') >= 0
                || text.length() > NAME_MAX || text.chars().anyMatch(Character::isISOControl)) {
            String shown = text.length() > NAME_MAX ? text.substring(0, NAME_MAX) + "…" : text;
            throw FailureException.of(FailureCode.REQUEST_INVALID, "\"" + shown + "\" is no name and no id",
                    FailureCode.NOT_FOUND.recommendedAction());
        }
        return segment(text);
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
