package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.DisableRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.HoldingView;
import org.understudy.api.JobView;
import org.understudy.api.RemoveHoldingRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.HeldFolder;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/** What stays on a host is listed with its owner, and goes by one command; nothing that is needed does. */
class HoldingsOfHostsTest {
    private static final RemoveHoldingRequest ASKED = new RemoveHoldingRequest(Optional.empty());

    @TempDir
    Path data;

    private static HeldFolder folder(Story story, ItemId item, String vm, List<String> branches) {
        return new HeldFolder("/var/lib/understudy/replicas/" + item, Optional.of(item), 1, Optional.of(vm),
                Optional.of(story.stockholm().host()), ByteCount.ofGibibytes(3), true, branches, Optional.empty());
    }

    @Test
    void listsWhatStaysWithItsOwnerAndRemovesOnlyWhatNothingNeeds() throws IOException {
        try (Story story = Story.told(data)) {
            ItemId item = story.protectedItem();
            ItemId ended = ItemId.random();
            ItemId used = ItemId.random();
            story.amsterdam().keeps(folder(story, item, "web01", List.of()), folder(story, ended, "old01", List.of()),
                    folder(story, used, "db01", List.of("failover")), new HeldFolder("/var/lib/understudy/replicas/x",
                            Optional.empty(), 1, Optional.empty(), Optional.empty(), ByteCount.ZERO, false, List.of(),
                            Optional.of("no replica was found in it")));
            List<HoldingView> found = story.people().holdings("kvm-ams");
            assertThat(found).extracting(HoldingView::standing).containsExactly(HoldingView.Standing.PROTECTED,
                    HoldingView.Standing.ENDED, HoldingView.Standing.ENDED, HoldingView.Standing.UNKNOWN);
            assertThat(found).extracting(it -> it.kept().isEmpty()).containsExactly(false, true, false, false);
            assertThat(found.getFirst().source()).contains("kvm-sto");

            DryRunView dry = story.people().removeHoldingDryRun("kvm-ams", ended.toString(), ASKED);
            assertThat(dry.possible()).isTrue();
            assertThat(dry.actions()).singleElement().asString().contains("kvm-ams", "old01", "3.0 GiB");
            assertThat(story.people().removeHoldingDryRun("kvm-ams", used.toString(), ASKED).possible()).isFalse();
            assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();

            Refusals.assertRefused(FailureCode.IN_USE,
                    () -> story.people().removeHolding("kvm-ams", item.toString(), ASKED));
            JobView inUse = story.ended(story.people().removeHolding("kvm-ams", used.toString(), ASKED).id());
            assertThat(inUse.error().orElseThrow().code()).isEqualTo(FailureCode.IN_USE);
            assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();

            JobView removed = story.ended(story.people().removeHolding("kvm-ams", ended.toString(), ASKED).id());
            assertThat(removed.state()).isEqualTo(JobView.State.SUCCEEDED);
            assertThat(story.amsterdam().asked())
                    .contains(new AgentCommand.RemoveReplica(RelationshipId.first(ended), true, List.of()));
            assertThat(story.amsterdam().asked())
                    .doesNotContain(new AgentCommand.RemoveReplica(RelationshipId.first(item), true, List.of()));
        }
    }

    /** The item ended, so nobody can name its point as one of it any more. */
    @Test
    void removesAReplicaThatKeepsAPointOnlyWithThePointNamed() throws IOException {
        try (Story story = Story.told(data)) {
            ItemId ended = ItemId.random();
            LogPosition kept = new LogPosition(2, 0);
            RelationshipId direction = new RelationshipId(ended, 2);
            story.amsterdam().keeps(new HeldFolder("/replicas/" + ended + ".2", Optional.of(ended), 2,
                    Optional.of("web01"), Optional.of(story.stockholm().host()), ByteCount.ofGibibytes(3), true,
                    List.of(), Optional.empty(), Optional.empty(), List.of(kept)));
            assertThat(story.people().holdings("kvm-ams").getFirst().kept().orElseThrow()).contains("--let-go 2-0");
            JobView refused = story.ended(story.people().removeHolding("kvm-ams", ended.toString(), ASKED).id());
            assertThat(refused.error().orElseThrow().message()).contains("it keeps point 2-0", "web01");
            assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();

            RemoveHoldingRequest named = new RemoveHoldingRequest(Optional.of("2-0"));
            assertThat(story.people().removeHoldingDryRun("kvm-ams", ended.toString(), named).actions()).first()
                    .asString().contains("let point 2-0 go", "is lost");
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().removeHolding("kvm-ams",
                    ended.toString(), new RemoveHoldingRequest(Optional.of("yesterday"))));
            JobView removed = story.ended(story.people().removeHolding("kvm-ams", ended.toString(), named).id());
            assertThat(removed.state()).isEqualTo(JobView.State.SUCCEEDED);
            assertThat(story.amsterdam().asked())
                    .contains(new AgentCommand.RemoveReplica(direction, true, List.of(kept)));
        }
    }

    /** The vault came back from a backup that is older than the item; its two agents replicate it all the same. */
    @Test
    void removesNoReplicaThatItsSourceFeedsThoughTheVaultDoesNotKnowTheItem() throws IOException {
        try (Story story = Story.told(data)) {
            ItemId unknown = ItemId.random();
            story.amsterdam().keeps(new HeldFolder("/replicas/" + unknown, Optional.of(unknown), 1,
                    Optional.of("web01"), Optional.of(story.stockholm().host()), ByteCount.ofGibibytes(3), true,
                    List.of(),
                    Optional.empty(), Optional.of(story.clock().instant()), List.of()));
            DryRunView dry = story.people().removeHoldingDryRun("kvm-ams", unknown.toString(), ASKED);
            assertThat(dry.possible()).isFalse();
            assertThat(dry.toString()).contains("host kvm-sto, feeds it");
            assertThat(story.people().holdings("kvm-ams").getFirst().kept().orElseThrow()).contains("feeds it");
            JobView job = story.ended(story.people().removeHolding("kvm-ams", unknown.toString(), ASKED).id());
            assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.IN_USE);
            assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isFalse();
        }
    }

    @Test
    void saysWhereAReplicaStaysAndWhichCommandRemovesIt() throws IOException {
        try (Story story = Story.told(data)) {
            String item = story.protectedItem().toString();
            String command = "understudy host holdings remove kvm-ams " + item;
            DisableRequest keep = new DisableRequest(Optional.of(false), Optional.empty());
            assertThat(story.people().disableDryRun(item, keep).actions())
                    .anySatisfy(action -> assertThat(action).contains(command));
            JobView job = story.ended(story.people().disable(item, keep).id());
            assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
            assertThat(job.steps()).anySatisfy(step -> assertThat(step.toString()).contains(command));
        }
    }
}
