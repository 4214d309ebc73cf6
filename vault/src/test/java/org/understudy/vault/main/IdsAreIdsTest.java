package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.command.CommandCodec;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;

/** That nobody who takes another's id for a name is taken for that other. */
@Timeout(120)
class IdsAreIdsTest extends TellsAStory {
    @Tag("slow")
    @Test
    void refusesToRegisterAHostUnderTheIdOfAnother() throws IOException {
        String key = CommandCodec.mapper().readTree(story.people().createRegistrationKey(
                new RegistrationKeyRequest(Optional.of("stockholm"), Optional.empty())).file()).get("secret").asText();
        TestAgent rogue = new TestAgent(story.vault().url(), Files.readString(story.vault().authorityFile()));
        assertThatThrownBy(() -> rogue.register(key, story.amsterdam().host().toString(), "203.0.113.66"))
                .isInstanceOfSatisfying(FailureException.class, refused ->
                        assertThat(refused.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID));
    }

    @Tag("slow")
    @Test
    void protectsAndFailsOverAnItemWhoseIdAnotherVmBearsAsItsName() {
        ItemId item = story.protectedItem();
        VirtualMachine evil = new VirtualMachine(VmId.random(), item.toString(), PowerState.RUNNING,
                List.of(new VirtualDisk(new DiskName("vda"), "/x.qcow2", "qcow2", ByteCount.ofGibibytes(1),
                        Optional.empty())),
                List.of(new NetworkAdapter(0, "52:54:00:00:00:02", Optional.of("prod"), Optional.of("web"))));
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING), evil),
                new VirtualNetwork("prod", true, List.of("default", "web")));
        JobView other = story.people().protect(ProtectRequest.of(evil.id().toString()));
        assertThat(story.people().item(item.toString()).name()).isEqualTo("web01");
        JobView job = story.people().failOver(item.toString(), FailoverRequest.latest());
        assertThat(job.object().orElseThrow().name()).isEqualTo("web01");
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(other.object().orElseThrow().id()).isNotEqualTo(item.toString());
    }
}
