package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.DiskName;

/** What libvirt is asked for when a point in time begins. */
class BackupXmlTest {
    private static final String SOCKET = "understudy-web01.sock";
    private static final Path PATH = Path.of("/run/" + SOCKET);
    private static final Map<DiskName, Path> SCRATCH =
            Map.of(new DiskName("vda"), Path.of("/images/a & b.qcow2.understudy-scratch"));

    @Test
    void asksForTheRequestedDisksAloneSinceACheckpoint() {
        PointInTimeRequest request =
                new PointInTimeRequest("understudy-1-5", Optional.of("understudy-1-4"), SOCKET, SCRATCH);

        assertThat(BackupXml.backup(request, PATH, List.of("vda", "vdb", "sda"))).isEqualTo(
                "<domainbackup mode=\"pull\"><incremental>understudy-1-4</incremental>"
                + "<server socket=\"/run/understudy-web01.sock\" transport=\"unix\"/><disks>"
                + "<disk backup=\"yes\" exportbitmap=\"backup-vda\" exportname=\"vda\" name=\"vda\" type=\"file\">"
                + "<driver type=\"qcow2\"/><scratch file=\"/images/a &amp; b.qcow2.understudy-scratch\"/></disk>"
                + "<disk backup=\"no\" name=\"vdb\"/><disk backup=\"no\" name=\"sda\"/></disks></domainbackup>");
        assertThat(BackupXml.checkpoint(request, List.of("vda", "vdb"))).isEqualTo(
                "<domaincheckpoint><name>understudy-1-5</name><disks><disk checkpoint=\"bitmap\" name=\"vda\"/>"
                + "<disk checkpoint=\"no\" name=\"vdb\"/></disks></domaincheckpoint>");
    }

    @Test
    void asksForEverythingWithoutACheckpointToStartFrom() {
        PointInTimeRequest request = new PointInTimeRequest("understudy-1-1", Optional.empty(), SOCKET, SCRATCH);

        assertThat(BackupXml.backup(request, PATH, List.of("vda"))).doesNotContain("incremental", "exportbitmap");
    }

    @Test
    void refusesNamesByWhichNobodyCouldTellThatTheyAreOurs() {
        assertThatThrownBy(() -> new PointInTimeRequest("mine", Optional.empty(), SOCKET, SCRATCH))
                .hasMessageContaining("prefix");
        assertThatThrownBy(() ->
                new PointInTimeRequest("understudy-1-1", Optional.empty(), "nbd.sock", SCRATCH))
                .hasMessageContaining("prefix");
        assertThatThrownBy(() -> new PointInTimeRequest("understudy-1-1", Optional.empty(), SOCKET,
                Map.of(new DiskName("vda"), Path.of("/images/scratch"))))
                .hasMessageContaining("understudy-scratch");
    }

    @Test
    void tellsOurRunningBackupFromThoseOfOthers() {
        RunningBackup ours = RunningBackup.parse("<domainbackup mode='pull'><server transport='unix' socket='" + PATH
                + "'/><disks><disk name='vda' backup='yes'><scratch file='/i/a.understudy-scratch'/></disk></disks>"
                + "</domainbackup>");
        RunningBackup pulled = RunningBackup.parse("<domainbackup mode='pull'>"
                + "<server transport='tcp' name='h' port='10809'/><disks/></domainbackup>");
        RunningBackup pushed = RunningBackup.parse("<domainbackup mode='push'><disks><disk name='vda'>"
                + "<target file='/b/vda.full'/></disk></disks></domainbackup>");

        assertThat(ours.isOurs()).isTrue();
        assertThat(ours.scratch()).containsExactly(Path.of("/i/a.understudy-scratch"));
        assertThat(pulled.isOurs()).isFalse();
        assertThat(pulled.place()).isEqualTo("serving at h:10809");
        assertThat(pushed.isOurs()).isFalse();
        assertThat(pushed.place()).isEqualTo("writing to /b/vda.full");
    }
}
