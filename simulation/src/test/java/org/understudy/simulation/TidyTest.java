package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.simulation.JavaFileReader.JavaFile;

/**
 * The house keeps itself clean by code: sizes, names, calls, comments and links of our own sources.
 *
 * <p>A finding names file, line and rule. Whatever must stay as it is goes into {@link #EXCEPTIONS} with its reason; a
 * reason that no longer applies fails the test as well.
 */
class TidyTest {
    private static final int FILE_LINES_MAX = 500;
    private static final int LINE_LENGTH_MAX = 120;

    /** "file [rule]" and why it may. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "changelog/src/main/java/org/understudy/changelog/Frame.java [name]",
            "Data and Zero are the format's own two kinds of frame, and always read as Frame.Data",
            "agent/src/main/java/org/understudy/agent/Owned.java [catch]",
            "whatever a part throws on its way out, the other parts must be closed too; it is logged there");

    /** Spelled apart, or this file would find itself. */
    private static final Pattern PROMISE_TO_DO_IT_LATER = Pattern.compile("\\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    private static SourceTree tree;
    private static List<Finding> javaFindings;

    @BeforeAll
    static void readAllSources() throws IOException {
        tree = SourceTree.find();
        javaFindings = new ArrayList<>();
        JavaFileReader.read(tree, tree.javaFiles(), file -> {
            JavaRules.check(file, javaFindings::add);
            checkLines(file);
        });
    }

    @Test
    void javaSourcesKeepTheRulesOfTheHouse() {
        assertThat(withoutExceptions(javaFindings)).as("rule 20; the rules stand in HACKING.md").isEmpty();
    }

    @Test
    void exceptionsAreStillNeeded() {
        Set<String> met = new HashSet<>();
        javaFindings.forEach(finding -> met.add(key(finding)));
        assertThat(met).containsAll(EXCEPTIONS.keySet());
    }

    @Test
    void nothingIsLeftForLater() throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (String ending : List.of(".java", ".md", ".xml", ".sh", ".sql", ".yaml", ".yml", ".properties")) {
            for (Path file : tree.filesBelow(tree.root(), ending)) {
                List<String> lines = Files.readAllLines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (PROMISE_TO_DO_IT_LATER.matcher(lines.get(i)).find()) {
                        findings.add(new Finding(tree.name(file), i + 1, "later", "do it now, or open an issue"));
                    }
                }
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void linksInDocumentsLeadSomewhere() throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Path file : tree.filesBelow(tree.root(), ".md")) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                Matcher link = LINK.matcher(lines.get(i));
                while (link.find()) {
                    if (leadsNowhere(file, link.group(1))) {
                        findings.add(new Finding(tree.name(file), i + 1, "link", link.group(1) + " is not there"));
                    }
                }
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void theRulesFindWhatTheyAreFor(@TempDir Path planted) throws IOException {
        Path source = Files.createDirectories(planted.resolve("agent/src/main/java")).resolve("PlantedHelper.java");
        Files.writeString(source, """
                import java.util.*;
                class PlantedHelper {
                    PlantedHelper(int a, int b, int c, int d, int e, int f, int g) {
                        try {
                            Thread.sleep(Instant.now().getNano());
                        } catch (Exception e) {
                            System.out.println(e);
                            Files.createDirectories(home);
                            FileChannel.open(home, StandardOpenOption.CREATE);
                        }
                    }
                }
                """);
        List<String> rules = new ArrayList<>();
        JavaFileReader.read(new SourceTree(planted, List.of("agent")), List.of(source),
                file -> JavaRules.check(file, finding -> rules.add(finding.rule())));
        assertThat(rules).containsExactlyInAnyOrder(
                "wildcard", "name", "javadoc", "constructor", "sleep", "clock", "catch", "print", "rights", "rights");
    }

    private static void checkLines(JavaFile file) {
        List<String> lines = file.lines();
        if (lines.size() > FILE_LINES_MAX) {
            javaFindings.add(new Finding(file.name(), lines.size(), "file",
                    "has %d lines, at most %d".formatted(lines.size(), FILE_LINES_MAX)));
        }
        for (int i = 0; i < lines.size(); i++) {
            int length = lines.get(i).codePointCount(0, lines.get(i).length());
            if (length > LINE_LENGTH_MAX) {
                javaFindings.add(new Finding(file.name(), i + 1, "line",
                        "has %d columns, at most %d".formatted(length, LINE_LENGTH_MAX)));
            }
        }
    }

    private static boolean leadsNowhere(Path document, String link) {
        if (link.matches("(?:[a-z]+:|#).*")) {
            return false;
        }
        String path = URLDecoder.decode(link.replaceFirst("#.*", ""), StandardCharsets.UTF_8);
        return !Files.exists(document.resolveSibling(path));
    }

    private static List<Finding> withoutExceptions(List<Finding> findings) {
        return findings.stream().filter(finding -> !EXCEPTIONS.containsKey(key(finding))).toList();
    }

    private static String key(Finding finding) {
        return "%s [%s]".formatted(finding.file(), finding.rule());
    }
}
