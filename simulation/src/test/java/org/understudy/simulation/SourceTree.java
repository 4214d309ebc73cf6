package org.understudy.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkout as the tests of the house see it: its root, its modules in the order of the build, its files.
 *
 * <p>Found upwards from the working directory, so that it does not matter whether a test was started by Maven in its
 * module or from an editor.
 */
record SourceTree(Path root, List<String> modules) {
    private static final Pattern MODULE = Pattern.compile("<module>([a-z-]+)</module>");
    private static final Set<String> NOT_OURS = Set.of("target", "dist", "node_modules", ".git", ".understudy");

    static SourceTree find() throws IOException {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("mvnw"))) {
            at = at.getParent();
            if (at == null) {
                throw new IOException("no folder above " + Path.of("").toAbsolutePath() + " holds mvnw");
            }
        }
        String pom = Files.readString(at.resolve("pom.xml"));
        return new SourceTree(at, MODULE.matcher(pom).results().map(found -> found.group(1)).toList());
    }

    /** Every Java source of every module, main and test. */
    List<Path> javaFiles() {
        return modules.stream()
                .flatMap(module -> filesBelow(root.resolve(module).resolve("src"), ".java").stream())
                .toList();
    }

    /** Every file of ours below a folder whose name ends so; none when the folder is absent. */
    List<Path> filesBelow(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> !folder.equals(root) || isOurs(root.relativize(file)))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path as a person types it from the root. */
    String name(Path file) {
        return root.relativize(file).toString();
    }

    /**
     * What is made stands at the root or in a module; deeper, the same word is a package of ours ({@code
     * agent.target}).
     */
    private static boolean isOurs(Path relative) {
        return relative.subpath(0, Math.min(2, relative.getNameCount())).toString().transform(beginning ->
                Stream.of(beginning.split("/")).noneMatch(NOT_OURS::contains));
    }
}
