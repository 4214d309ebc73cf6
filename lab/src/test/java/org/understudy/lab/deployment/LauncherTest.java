package org.understudy.lab.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of a checkout do what was asked and no more: in a copy of the launchers whose PATH is full of traps, in
 * an environment as empty as a service's.
 */
class LauncherTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final List<String> TRAPS = List.of("apt-get", "apt-cache", "dpkg", "mvn", "java", "curl", "wget");

    @TempDir
    private Path folder;
    private Path tree;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void copiesTheLaunchers() throws IOException {
        tree = Files.createDirectories(folder.resolve("tree"));
        for (String name : List.of("understudy", "dev", "pom.xml")) {
            Files.copy(REPOSITORY.resolve(name), tree.resolve(name));
        }
        Files.createDirectories(tree.resolve("scripts"));
        try (Stream<Path> scripts = Files.list(REPOSITORY.resolve("scripts"))) {
            for (Path script : scripts.filter(Files::isRegularFile).toList()) {
                // This machine's own JDKs are out of sight.
                Files.writeString(tree.resolve("scripts").resolve(script.getFileName()),
                        Files.readString(script).replace("/usr/lib/jvm/", folder.resolve("jvm") + "/"));
            }
        }
        script(tree.resolve("mvnw"), "echo mvnw >>'" + calls() + "'; exit 1");
        for (String trap : TRAPS) {
            script(folder.resolve("traps").resolve(trap), "echo " + trap + " \"$@\" >>'" + calls() + "'; exit 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "--version", "", "agent --help", "vault --help", "demo --help"})
    void helpIsGivenWithoutJavaAndWithoutABuild(String words) throws IOException {
        Ended ended = run("understudy", words);

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains(words.equals("--version") ? "understudy 0." : "./dev build");
        assertThat(calls()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent run --data x", "vault run --data x", "agent run --help", "demo --keep --help",
        "agent register --key x", "item list"})
    void withoutABuildItSaysWhatToRunAndBuildsNothing(String words) throws IOException {
        java();

        Ended ended = run("understudy", words);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("nothing is built", "/dev build").hasLineCount(1);
        assertThat(calls()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent run --data x", "vault run --data x", "item list"})
    void withoutJavaItSaysWhatIsMissingAndInstallsNothing(String words) throws IOException {
        built();

        Ended ended = run("understudy", words);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("a JDK 25 or newer is missing");
        assertThat(calls()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent run --data x", "vault run --data x", "item list", "agent run --help"})
    void anOldBuildRunsAsItIsWithOneLineOfWarning(String words) throws IOException {
        java();
        built();
        Files.setLastModifiedTime(tree.resolve("dist/product/built"),
                FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        Ended ended = run("understudy", words);

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("java ").contains(words.substring(words.indexOf(' ') + 1));
        assertThat(ended.err()).contains("sources are newer than this build", "./dev build").hasLineCount(1);
        assertThat(calls()).doesNotExist();
    }

    @Test
    void aServiceStartsFromAFreshBuildWithoutAWord() throws IOException {
        java();
        built();

        Ended ended = run("understudy", "agent run --data x");

        assertThat(ended.code()).isZero();
        assertThat(ended.err()).isEmpty();
        assertThat(calls()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "build --help", "check -h", "test --help", "package --help", "ci --help"})
    void helpForContributorsStartsNothing(String words) throws IOException {
        Ended ended = run("dev", words);

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("./dev check");
        assertThat(calls()).doesNotExist();
    }

    /** Where the traps write who called them. */
    private Path calls() {
        return folder.resolve("calls");
    }

    /** A Java that prints its arguments; no compiler. */
    private void java() throws IOException {
        Path java = folder.resolve("jvm/some-25");
        script(java.resolve("bin/java"), "echo java \"$@\"");
        Files.writeString(java.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    }

    private void built() throws IOException {
        for (String module : List.of("vault", "agent", "cli", "lab")) {
            Files.createDirectories(tree.resolve("dist/product").resolve(module));
        }
        Files.writeString(tree.resolve("dist/product/built"), "");
    }

    private Ended run(String launcher, String words) throws IOException {
        List<String> command = new ArrayList<>(List.of(tree.resolve(launcher).toString()));
        Stream.of(words.split(" ")).filter(word -> !word.isEmpty()).forEach(command::add);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", folder.resolve("traps") + ":/usr/bin:/bin");
        try {
            int code = builder.start().waitFor();
            return new Ended(code, Files.readString(out), Files.readString(err));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command + " ran", e);
        }
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, ("#!/bin/sh\n" + text + "\n").getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
