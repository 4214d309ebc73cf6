package org.understudy.vault.item;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.api.EndedTestView;
import org.understudy.api.RecoveryPointView;
import org.understudy.api.TestFailoverView.Phase;
import org.understudy.command.CommandOutcome.MachineStarted;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.RecoveryPoint;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The tables {@code test_failover}, with at most one of each item (TF-03), and {@code ended_test}, with what is kept of
 * those that were cleaned up.
 */
public final class TestFailoverStore {
    /** Of each item: a test each week for two years. */
    private static final int ENDED_MAX = 100;

    private final Database database;

    public TestFailoverStore(Database database) {
        this.database = database;
    }

    /** A test begins, or its job goes on after a kill or a restart. */
    public void begin(ItemId item, JobId job, String vmName, String network) {
        database.update("""
                insert into test_failover (item, job, phase, vm_name, network) values (?, ?, ?, ?, ?)
                on conflict (item) do nothing
                """, item.value(), job.value(), Phase.STARTING, vmName, network);
    }

    /** Its VM runs. */
    public void started(ItemId item, MachineStarted started) {
        database.update("""
                update test_failover set phase = ?, vm_name = ?, point = ?, started_at = ?, differences = ?
                where item = ?
                """, Phase.WAITING_FOR_CLEANUP, started.vmName(), JsonColumn.of(started.point()), started.startedAt(),
                JsonColumn.of(started.differences()),
                item.value());
    }

    /** It is being removed. */
    public void cleaningUp(ItemId item) {
        database.update("update test_failover set phase = ? where item = ?", Phase.CLEANING_UP, item.value());
    }

    /** It is gone; what came of it is kept. */
    public void end(TestFailover test, Instant at, String by, String notes) {
        database.transact(() -> {
            database.update("delete from test_failover where item = ?", test.item().value());
            database.update("""
                    insert into ended_test
                        (job, item, vm_name, network, point, started_at, ended_at, ended_by, notes)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (job) do nothing
                    """, test.job().value(), test.item().value(), test.vmName(), test.network(),
                    test.point().map(JsonColumn::of).orElse(null), test.startedAt().orElse(null), at, by, notes);
            database.update("""
                    delete from ended_test where item = ? and job not in
                        (select job from ended_test where item = ? order by ended_at desc limit ?)
                    """, test.item().value(), test.item().value(), ENDED_MAX);
        });
    }

    /** Those of an item that were cleaned up, newest first. */
    public List<EndedTestView> ended(ItemId item) {
        return database.query("select * from ended_test where item = ? order by ended_at desc",
                TestFailoverStore::ended, item.value());
    }

    public Optional<TestFailover> of(ItemId item) {
        return database.first("select * from test_failover where item = ?", TestFailoverStore::test, item.value());
    }

    /** All tests: their VMs are no VMs to protect. */
    public List<TestFailover> list() {
        return database.query("select * from test_failover order by item", TestFailoverStore::test);
    }

    private static EndedTestView ended(Row row) {
        return new EndedTestView(row.text("vm_name"), row.text("network"),
                row.optionalJson("point", RecoveryPoint.class).map(RecoveryPointView::of),
                row.optionalInstant("started_at"), row.instant("ended_at"), row.text("ended_by"), row.text("notes"),
                new JobId(row.uuid("job")));
    }

    private static TestFailover test(Row row) {
        return new TestFailover(new ItemId(row.uuid("item")), new JobId(row.uuid("job")),
                row.word("phase", Phase.class), row.text("vm_name"), row.text("network"),
                row.optionalJson("point", RecoveryPoint.class), row.optionalInstant("started_at"),
                row.optionalJson("differences", String[].class).map(List::of).orElse(List.of()));
    }
}
