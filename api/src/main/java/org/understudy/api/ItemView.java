package org.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.CloudPairId;
import org.understudy.model.Failure;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.PolicyId;
import org.understudy.model.VmId;

/**
 * A protected item: a VM and its replica.
 *
 * @param state the one state of its protection, see {@code docs/states/protection.md}
 * @param stateDescription the same for people, such as "Cleanup test failover pending"
 * @param activeLocation which end runs the VM
 * @param health a fact beside the state, with its reasons
 * @param rpoSeconds age of the newest state of the VM that is safe at the target; empty before the first
 * @param trouble why replication does not go on just now
 * @param failedOverTo the point a failover started from
 * @param differences what will be missing or other at the target than at the source, in sentences
 * @param allowedOperations what may be asked of it now
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ItemView(
        ItemId id, VmId vm, String name, String state, String stateDescription, ActiveLocation activeLocation,
        HealthView health, Route route, long generation, ProgressView progress, Optional<Long> rpoSeconds,
        Optional<Failure> trouble, int recoveryPoints, Optional<RecoveryPointView> latestPoint,
        Optional<RecoveryPointView> failedOverTo, List<AdapterView> adapters, Optional<TestFailoverView> testFailover,
        Optional<Instant> lastSuccessfulTest,
        List<String> differences, List<Operation> allowedOperations, Optional<Named<JobId>> currentJob) {
    public ItemView {
        adapters = List.copyOf(adapters);
        differences = List.copyOf(differences);
        allowedOperations = List.copyOf(allowedOperations);
    }

    /** Which end of the route runs the VM. */
    public enum ActiveLocation { SOURCE, TARGET }

    /** From where to where an item replicates, and by which rules. */
    public record Route(
            Named<CloudPairId> pair, Named<PolicyId> policy, Named<HostId> sourceHost, Named<HostId> targetHost) {}
}
