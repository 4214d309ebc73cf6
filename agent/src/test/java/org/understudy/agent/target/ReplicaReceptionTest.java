package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.Greeting;

/** Whom a target lets in, and what it says to those that it does not. */
class ReplicaReceptionTest {
    @TempDir
    Path folder;
    private final HostId source = HostId.random();
    private final ReplicaSpec spec = new ReplicaSpec(ItemId.random(), 2, VmId.random(), "web01", source,
            List.of(new ReplicaDisk(new DiskName("vda"), ByteCount.ofMebibytes(1))),
            new Retention(0, Duration.ofDays(1)));

    private FailureCode refusal(ReplicaCatalog catalog, long newest, RelationshipId asked, HostId by) {
        FailureException refused = catchThrowableOfType(FailureException.class, () -> new ReplicaReception(catalog,
                new Feeding(catalog, Clock.systemUTC()), item -> item.equals(spec.item()) ? newest : 0)
                .open(new Greeting(asked, by)));
        return refused == null ? null : refused.failure().code();
    }

    private ReplicaCatalog catalog() throws IOException {
        return ReplicaCatalog.open(folder, ReplicaSettings.usual(Clock.systemUTC()));
    }

    @Test
    void tellsASourceWhoseDirectionIsOverSo() throws IOException {
        RelationshipId first = RelationshipId.first(spec.item());
        try (ReplicaCatalog catalog = catalog()) {
            assertThat(refusal(catalog, 2, first, source)).as("it is a source itself now")
                    .isEqualTo(FailureCode.RELATIONSHIP_OVER);
            catalog.create(spec).fence();
            assertThat(refusal(catalog, 2, first, source)).isEqualTo(FailureCode.RELATIONSHIP_OVER);
            assertThat(refusal(catalog, 3, spec.relationship(), source)).as("its replica is there yet")
                    .isEqualTo(FailureCode.RELATIONSHIP_OVER);
            assertThat(refusal(catalog, 2, spec.relationship(), source)).as("failed over, and not reversed")
                    .isEqualTo(FailureCode.REPLICA_FENCED);
        }
    }

    @Test
    void letsTheSourceOfTheDirectionInAndNobodyElse() throws IOException {
        try (ReplicaCatalog catalog = catalog()) {
            catalog.create(spec);
            assertThat(refusal(catalog, 2, spec.relationship(), source)).isNull();
            assertThat(refusal(catalog, 2, spec.relationship(), HostId.random()))
                    .isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
            assertThat(refusal(catalog, 2, spec.relationship().next(), source)).as("nobody told of it")
                    .isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
            assertThat(refusal(catalog, 0, RelationshipId.first(ItemId.random()), source))
                    .isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        }
    }
}
