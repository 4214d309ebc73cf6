package org.understudy.vault.inventory;

import java.util.List;
import java.util.Optional;
import org.understudy.api.MachineView;
import org.understudy.api.MachineView.ProtectionStatus;
import org.understudy.api.Named;
import org.understudy.api.ReadinessError;
import org.understudy.vault.failover.TestFailover;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.Agent;
import org.understudy.vault.job.Agents;
import org.understudy.vault.job.Stores;
import org.understudy.vault.protection.ProtectPlanner;
import org.understudy.vault.protection.ProtectedItem;

/** REST of protectable items: the VMs that hosts reported, but for test VMs, which belong to their items (TF-05). */
public final class MachineResource implements Resource {
    private final Stores stores;
    private final Agents agents;

    public MachineResource(Stores stores, Agents agents) {
        this.stores = stores;
        this.agents = agents;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/machines", Role.READER, this::list);
        routes.get("/machines/{machine}", Role.READER, request -> {
            List<ReportedMachine> found = stores.inventory().machines(request.path("machine"));
            return found.stream().findFirst().map(this::view)
                    .orElseThrow(() -> Missing.none("virtual machine", request.path("machine")));
        });
    }

    private Object list(Request request) {
        Optional<Agent> host = request.query("host").map(agents::get);
        List<TestFailover> tests = stores.tests().list();
        return stores.inventory().machines().stream()
                .filter(machine -> host.isEmpty() || host.get().id().equals(machine.host()))
                .filter(machine -> request.query("name").map(machine.machine().name()::equals).orElse(true))
                .filter(machine -> !isTest(machine, tests))
                .map(this::view).toList();
    }

    private boolean isTest(ReportedMachine machine, List<TestFailover> tests) {
        return tests.stream()
                .filter(test -> test.vmName().equals(machine.machine().name()))
                .flatMap(test -> stores.items().find(test.item()).stream())
                .anyMatch(item -> item.route().target().equals(machine.host()));
    }

    private MachineView view(ReportedMachine reported) {
        Agent host = agents.get(reported.host());
        Optional<Cloud> cloud = stores.clouds().of(reported.host());
        Optional<ProtectedItem> item = stores.items().of(reported.machine().id());
        boolean paired = cloud.flatMap(of -> stores.pairs().from(of.id())).isPresent();
        List<ReadinessError> errors = item.isPresent() ? List.of()
                : ProtectPlanner.readiness(reported.machine(), host.name(), cloud.map(Cloud::name), paired);
        return new MachineView(reported.machine(), host.named(),
                stores.sites().of(reported.host()).map(site -> new Named<>(site.id(), site.name())),
                cloud.map(of -> new Named<>(of.id(), of.name())),
                item.isPresent() ? ProtectionStatus.PROTECTED : ProtectionStatus.UNPROTECTED,
                item.map(ProtectedItem::id), errors);
    }
}
