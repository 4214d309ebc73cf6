package org.understudy.simulation;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The direction of imports: which module may name which.
 *
 * <p><strong>Stop before you change the map below.</strong> It is the architecture. An entry added to make a test green
 * is usually a type that lives in the wrong module. The data plane never names the control plane, nor the reverse; they
 * meet in the words of {@code command} and in the process {@code agent}. If the map is wrong, write a decision first.
 *
 * <p>Class files are read, not sources: a name in a signature counts as much as an import.
 */
class LayeringTest {
    private static final Set<String> DATA_PLANE =
            Set.of("model", "disk", "nbd", "changelog", "capture", "replication", "replica");

    /** For each module the modules it may name; itself always, whatever is absent never. */
    private static final Map<String, Set<String>> MAY_NAME = Map.ofEntries(
            entry("model", Set.of()),
            entry("disk", Set.of("model")),
            entry("nbd", Set.of("model", "disk")),
            entry("changelog", Set.of("model", "disk")),
            entry("capture", Set.of("model", "disk", "changelog")),
            entry("replication", Set.of("model", "disk", "changelog")),
            entry("replica", Set.of("model", "disk", "nbd", "changelog", "replication")),
            entry("hypervisor", Set.of("model", "disk", "nbd")),
            entry("command", Set.of("model")),
            entry("agent", with(DATA_PLANE, "hypervisor", "command")),
            entry("workflow", Set.of("model")),
            entry("api", Set.of("model")),
            entry("vault", Set.of("model", "command", "workflow", "api")),
            entry("cli", Set.of("model", "api")),
            entry("lab", Set.of("model", "api", "changelog", "disk")),
            entry("simulation", with(DATA_PLANE, "hypervisor", "command", "agent", "workflow", "api", "vault", "cli",
                    "lab")),
            entry("acceptance", Set.of("model", "api", "lab", "changelog", "disk", "nbd", "hypervisor")),
            entry("bench", Set.of("model", "api", "lab", "disk", "nbd", "changelog", "capture", "replication",
                    "replica")));

    /** Built after this test in the reactor: checked when their classes are there. */
    private static final Set<String> BUILT_LATER = Set.of("simulation", "acceptance", "bench");

    /**
     * For each package of {@code vault} the packages of it that it may name, from the bottom to the top: an arrow leads
     * to a package that stands earlier in this list. {@code feature} and {@code main} wire the rest; nobody below names
     * them.
     */
    private static final List<Map.Entry<String, Set<String>>> PACKAGES_OF_VAULT = List.of(
            entry("name", Set.of()),
            entry("database", Set.of()),
            entry("http", Set.of()),
            entry("access", Set.of("http", "database", "name")),
            entry("audit", Set.of("http")),
            entry("fleet", Set.of("name", "http", "access")),
            entry("inventory", Set.of("name", "http", "fleet")),
            entry("policy", Set.of("name", "http", "inventory")),
            entry("network", Set.of("name", "http", "fleet", "inventory")),
            entry("item", Set.of("name", "fleet", "inventory", "policy", "network")),
            entry("health", Set.of("item")),
            entry("job", Set.of("http")),
            entry("operation", Set.of("http", "item", "job")),
            entry("protection", Set.of("name", "http", "fleet", "inventory", "policy", "network", "item", "health",
                    "job", "operation")),
            entry("failover", Set.of("name", "http", "fleet", "inventory", "item", "job", "operation")),
            entry("feature", Set.of("name", "http", "access", "audit", "fleet", "inventory", "policy", "network",
                    "item", "health", "job", "operation", "protection", "failover")),
            entry("main", Set.of("name", "database", "http", "access", "audit", "fleet", "inventory", "item",
                    "feature")));

    private static final Pattern NAMED = Pattern.compile("org/understudy/([a-z]+)/");
    private static final Pattern NAMED_IN_VAULT = Pattern.compile("org/understudy/vault/([a-z]+)/");

    @Test
    void everyModuleOfTheBuildHasItsPlace() throws IOException {
        assertThat(MAY_NAME.keySet()).containsExactlyInAnyOrderElementsOf(SourceTree.find().modules());
    }

    @Test
    void modulesNameOnlyWhatStandsBelowThem() throws IOException {
        List<String> buildOrder = SourceTree.find().modules();
        Set<String> violations = new TreeSet<>();
        MAY_NAME.forEach((module, others) -> others.stream()
                .filter(other -> buildOrder.indexOf(other) > buildOrder.indexOf(module))
                .forEach(other -> violations.add(module + " may name " + other + ", which is built after it")));
        assertThat(violations).isEmpty();
    }

    @Test
    void classesNameOnlyWhatTheirModuleMay() throws IOException {
        SourceTree tree = SourceTree.find();
        Set<String> violations = new TreeSet<>();
        for (String module : MAY_NAME.keySet()) {
            Path classes = tree.root().resolve(module).resolve("target").resolve("classes");
            for (Path file : tree.filesBelow(classes, ".class")) {
                violations.addAll(namedByMistake(module, classes.relativize(file), Files.readAllBytes(file)));
            }
        }
        assertThat(violations)
                .as("rule 2, the layering: see the map in simulation/…/LayeringTest.java")
                .isEmpty();
    }

    @Test
    void packagesOfTheVaultNameOnlyWhatStandsBelowThem() throws IOException {
        List<String> layers = PACKAGES_OF_VAULT.stream().map(Map.Entry::getKey).toList();
        Set<String> violations = new TreeSet<>();
        PACKAGES_OF_VAULT.forEach(layer -> layer.getValue().stream()
                .filter(other -> layers.indexOf(other) >= layers.indexOf(layer.getKey()))
                .forEach(other -> violations.add(layer.getKey() + " may name " + other + ", which lies above it")));
        SourceTree tree = SourceTree.find();
        Path vault = Path.of("org", "understudy", "vault");
        Path classes = tree.root().resolve("vault").resolve("target").resolve("classes");
        for (Path file : tree.filesBelow(classes, ".class")) {
            Path inside = vault.relativize(classes.relativize(file));
            violations.addAll(namedByMistake(inside, layers, Files.readAllBytes(file)));
        }
        assertThat(violations)
                .as("the layers inside the vault: see the second map in simulation/…/LayeringTest.java")
                .isEmpty();
    }

    @Test
    void noModuleWithSourcesWasLeftUncompiled() throws IOException {
        SourceTree tree = SourceTree.find();
        for (String module : MAY_NAME.keySet()) {
            Path home = tree.root().resolve(module);
            if (BUILT_LATER.contains(module) || tree.filesBelow(home.resolve("src/main/java"), ".java").isEmpty()) {
                continue;
            }
            assertThat(tree.filesBelow(home.resolve("target").resolve("classes"), ".class"))
                    .as("classes of " + module + "; build with -am, or this test looks at nothing")
                    .isNotEmpty();
        }
    }

    private static Set<String> namedByMistake(String module, Path file, byte[] bytes) {
        Set<String> violations = new HashSet<>();
        if (!file.startsWith(Path.of("org", "understudy", module))) {
            violations.add("%s/%s lies outside the package org.understudy.%s".formatted(module, file, module));
        }
        for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
            if (entry instanceof Utf8Entry text) {
                NAMED.matcher(text.stringValue()).results()
                        .map(found -> found.group(1))
                        .filter(other -> !other.equals(module) && !MAY_NAME.get(module).contains(other))
                        .forEach(other -> violations.add(
                                "%s/%s names %s; %s may not".formatted(module, file, text.stringValue(), module)));
            }
        }
        return violations;
    }

    private static Set<String> namedByMistake(Path file, List<String> layers, byte[] bytes) {
        int layer = layers.indexOf(file.getName(0).toString());
        if (layer < 0) {
            return Set.of("vault/" + file + " lies in a package that the map does not have");
        }
        Set<String> mayName = PACKAGES_OF_VAULT.get(layer).getValue();
        Set<String> violations = new HashSet<>();
        for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
            if (entry instanceof Utf8Entry text) {
                NAMED_IN_VAULT.matcher(text.stringValue()).results()
                        .map(found -> found.group(1))
                        .filter(other -> !other.equals(layers.get(layer)) && !mayName.contains(other))
                        .forEach(other -> violations.add("vault/%s names %s; %s may not".formatted(
                                file, text.stringValue(), layers.get(layer))));
            }
        }
        return violations;
    }

    private static Set<String> with(Set<String> modules, String... more) {
        Set<String> all = new HashSet<>(modules);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }
}
