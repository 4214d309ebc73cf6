package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.Zoo.Animal;
import org.understudy.model.Portability;

/** Every VM that people have is carried, replaced or named; {@code docs/user/vms.md} is the list of what is said. */
class ZooTest {
    private static final Pattern FILE = Pattern.compile("(?<=['\">])/[A-Za-z0-9_][^'\"<>]*(?=['\"<])");

    @Test
    void dropsNoDeviceOfAnyMachineSilently() {
        assertThat(Zoo.animals()).hasSizeGreaterThanOrEqualTo(40);
        for (Animal animal : Zoo.animals()) {
            MachinePlan plan = plan(animal);
            int sentences = plan.portability().obstacles().size() + plan.portability().warnings().size();
            Map<String, Integer> before = devices(animal.definition());
            Map<String, Integer> after = devices(plan.machine());
            before.remove("emulator");
            int missing = before.entrySet().stream()
                    .mapToInt(kind -> Math.max(0, kind.getValue() - after.getOrDefault(kind.getKey(), 0))).sum();
            assertThat(missing).as(animal.kind() + ": " + before + " became " + after + ", and is said: "
                    + plan.portability()).isLessThanOrEqualTo(sentences);
        }
    }

    @Test
    void carriesNoFileOfTheSourcesHost() {
        for (Animal animal : Zoo.animals()) {
            Set<String> theirs = files(animal.definition());
            theirs.remove("/dev/urandom");
            assertThat(files(plan(animal).machine())).as(animal.kind()).doesNotContainAnyElementsOf(
                    theirs.isEmpty() ? Set.of("/none") : theirs);
        }
    }

    @Test
    void tellsAtTheSourceWhateverWillBeMissingAtAnyTarget() {
        for (Animal animal : Zoo.animals()) {
            Portability anywhere = MachinePlan.anywhere(animal.definition());
            List<String> atTarget = plan(animal).portability().warnings().stream()
                    .filter(warning -> !warning.contains("target") && !warning.contains("the host")
                            && !warning.contains("offers no KVM") && !warning.contains("Disk vdc")
                            && !warning.contains("VLAN")).toList();
            assertThat(Stream.concat(anywhere.warnings().stream(), anywhere.obstacles().stream()).toList())
                    .as(animal.kind()).containsAll(atTarget);
        }
    }

    /** Run with {@code -Dupdate.snapshots=true} to write the page anew. */
    @Test
    void saysInTheHandbookWhatIsSaidOfEach() throws IOException {
        StringBuilder page = new StringBuilder("""
                # What becomes of each kind of VM

                Made by the test `ZooTest`, from the definitions in it and a target as Debian 12 sets it up
                (libvirt 9.0, QEMU 7.2, no newer processors, no UEFI firmware, no swtpm). "At `vm list`" is what is
                said at the source, whatever the target; "at the target" is what the check beforehand, each test and
                the failover's own outcome say besides. A VM with an obstacle is refused with that sentence, before
                anything is shut down.

                | VM | at `vm list` | at the target | started |
                |---|---|---|---|
                """);
        for (Animal animal : Zoo.animals()) {
            Portability anywhere = MachinePlan.anywhere(animal.definition());
            Portability target = plan(animal).portability();
            List<String> more = Stream.concat(target.obstacles().stream().map(text -> "**" + text + "**"),
                    target.warnings().stream())
                    .filter(text -> !anywhere.warnings().contains(text)
                            && !anywhere.obstacles().contains(text.replace("**", ""))).toList();
            page.append("| ").append(animal.kind()).append(" | ")
                    .append(cell(Stream.concat(anywhere.obstacles().stream().map(text -> "**" + text + "**"),
                            anywhere.warnings().stream()).toList()))
                    .append(" | ").append(cell(more)).append(" | ")
                    .append(target.obstacles().isEmpty() ? "yes" : "**refused**").append(" |\n");
        }
        Path file = handbook();
        if (Boolean.getBoolean("update.snapshots")) {
            Files.writeString(file, page);
        }
        assertThat(Files.readString(file)).isEqualTo(page.toString());
    }

    private static String cell(List<String> sentences) {
        return sentences.isEmpty() ? "-" : String.join(" ", sentences).replace("|", "\\|");
    }

    private static Path handbook() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("docs"))) {
            root = root.getParent();
        }
        return root.resolve("docs/user/vms.md");
    }

    private static MachinePlan plan(Animal animal) {
        return MachinePlan.of(
                animal.definition(), Zoo.failover(animal.definition()), Zoo.debian12(animal.definition()));
    }

    private static Map<String, Integer> devices(MachineDefinition definition) {
        Map<String, Integer> counts = new HashMap<>();
        XmlDocument.children(XmlDocument.parse(definition.xml()).first("devices").orElseThrow())
                .forEach(device -> counts.merge(device.getNodeName(), 1, Integer::sum));
        return counts;
    }

    private static Set<String> files(MachineDefinition definition) {
        Matcher files = FILE.matcher(definition.xml());
        Set<String> found = new TreeSet<>();
        while (files.find()) {
            found.add(files.group());
        }
        return found;
    }
}
