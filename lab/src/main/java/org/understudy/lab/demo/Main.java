package org.understudy.lab.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.ApiCodec;
import org.understudy.lab.Lab;
import org.understudy.model.FailureException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code understudy demo}: refuses what cannot work, plays the story, and leaves nothing behind. */
@Command(name = "understudy demo", mixinStandardHelpOptions = true, version = "understudy 0.1.0", sortOptions = false,
        description = {"Protects a VM between two sites made on this machine, tests its failover, kills the first "
                + "site, runs the VM at the second, and reports what that cost.",
            "Needs root, on Debian or Ubuntu. Takes a few minutes; nothing stays behind, unless --keep is given."})
public final class Main implements Callable<Integer> {
    private static final Path FOLDERS = Path.of("/var/lib/understudy-demo");
    private static final int FAILED = 1;

    @Option(names = "--keep", description = "leave everything running at the end, and say how to go on")
    private boolean keep;
    @Option(names = "--down", description = "remove a demo that was kept or killed")
    private boolean down;
    @Option(names = "--yes", description = "install missing packages without asking (nobody is asked without terminal)")
    private boolean yes;
    @Option(names = "--frequency", paramLabel = "SECONDS", defaultValue = "1",
            description = "from one replication cycle to the next, 1 to 900 (${DEFAULT-VALUE})")
    private int frequency;
    @Option(names = "--lab", paramLabel = "NAME", defaultValue = "demo",
            description = "the lab's name (${DEFAULT-VALUE}); demos of different names do not meet")
    private String name;
    @Option(names = "--output", paramLabel = "FORMAT", defaultValue = "text",
            description = "text or json: the report alone on the standard output, the rest on the error output")
    private Output output;

    private Narrator narrator;
    private Lab lab;

    /** How the report is printed. */
    enum Output { text, json }

    /** Plays and ends the process with its exit code: 0 played, 1 failed or refused, 2 wrong usage. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setExecutionExceptionHandler((problem, command, parsed) -> {
                    command.getErr().println("understudy demo: " + message(problem));
                    return FAILED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        PrintStream told = output == Output.json ? System.err : System.out;
        boolean terminal = System.console() != null && System.console().isTerminal();
        narrator = new Narrator(told, terminal);
        Path home = Path.of(System.getProperty("understudy.home", "")).toAbsolutePath();
        lab = Lab.named(name, home);
        DemoPlan plan = new DemoPlan(name, home, Duration.ofSeconds(frequency), keep);
        if (frequency < 1 || frequency > 900) {
            return refused("--frequency is " + frequency + "; expected 1 to 900 seconds");
        }
        Requirements requirements = Requirements.of(lab);
        if (!down) {
            narrator.sayPlainly(Announcement.of(plan, requirements, FOLDERS.resolve(name)));
        }
        if (!requirements.root()) {
            return refused("this needs root (network namespaces, libvirt, packages); run it with sudo");
        }
        return switch (DemoFolder.take(FOLDERS, name)) {
            case DemoFolder.Hold.Theirs other -> refused("a demo of the lab \"%s\" is being played by process %s; "
                    .formatted(name, other.pid()) + "wait for its end, end it by Ctrl-C, or give --lab another name");
            case DemoFolder.Hold.Ours ours -> {
                try (DemoFolder folder = ours.folder()) {
                    yield down ? takeDown(folder) : begin(plan, requirements, folder);
                }
            }
        };
    }

    private int takeDown(DemoFolder folder) throws IOException {
        if (!folder.exists()) {
            narrator.sayPlainly("There is no demo of the lab \"" + name + "\".");
            return 0;
        }
        return cleanUp(folder) ? 0 : FAILED;
    }

    private int begin(DemoPlan plan, Requirements requirements, DemoFolder folder) throws IOException {
        if (folder.exists()) {
            return refused("an earlier demo of the lab \"" + name + "\" was kept or killed; "
                    + "\"understudy demo --down" + Announcement.labOption(name) + "\" removes it");
        }
        if (requirements.missing().isEmpty() && lab.isUp()) {
            return refused("a lab \"" + name + "\" is up that no demo started; give --lab another name");
        }
        if (!requirements.agreed(yes)) {
            return refused("nothing was installed and nothing started");
        }
        return play(plan, requirements, folder);
    }

    private int play(DemoPlan plan, Requirements requirements, DemoFolder folder) throws IOException {
        Story story = new Story(plan, lab, folder, narrator);
        Interruption interruption = Interruption.watch(
                () -> narrator.sayPlainly("\nInterrupted; everything that was started is being removed."));
        boolean played = false;
        try {
            folder.create();
            if (!requirements.missing().isEmpty()) {
                narrator.stage("Packages", lab::setUpMachine);
            }
            report(story.play());
            played = true;
        } catch (IOException | FailureException failed) {
            if (!interruption.isBehindFailure()) {
                tellFailure(failed, folder);
            }
        } finally {
            interruption.beginCleaning();
            // A demo that was interrupted is not kept: what runs is half a story.
            if (keep && !interruption.happened()) {
                narrator.sayPlainly(Announcement.howToGoOn(plan, story.deployment()));
            } else {
                played &= cleanUp(folder);
            }
            if (played) {
                narrator.sayPlainly(Announcement.realHosts(plan.home()));
            }
            folder.close();
            interruption.finish();
        }
        return played ? 0 : FAILED;
    }

    private void report(DemoReport report) throws IOException {
        narrator.sayPlainly("\nReport");
        narrator.sayPlainly(ReportText.of(report).stripTrailing());
        if (output == Output.json) {
            System.out.println(ApiCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report.json()));
            System.out.flush();
        }
    }

    private void tellFailure(Exception failed, DemoFolder folder) {
        narrator.sayPlainly("\nFailed during \"" + narrator.stage() + "\": " + message(failed));
        try {
            narrator.sayPlainly("The logs are in " + FailureLogs.copy(lab, folder) + ".");
        } catch (IOException unreadable) {
            narrator.sayPlainly("The logs could not be copied: " + unreadable.getMessage());
        }
    }

    /** Whether nothing is left. */
    private boolean cleanUp(DemoFolder folder) {
        try {
            List<String> left = new Cleanup(lab, folder).run();
            narrator.sayPlainly(left.isEmpty() ? "\nRemoved: no process, namespace, bridge or file of the demo is left."
                    : "\nStill there after the clean-up: " + String.join(", ", left));
            return left.isEmpty();
        } catch (IOException failed) {
            narrator.sayPlainly("\nThe clean-up failed: " + failed.getMessage()
                    + "\n\"understudy demo --down" + Announcement.labOption(name) + "\" tries it again.");
            return false;
        }
    }

    private int refused(String why) {
        narrator.sayPlainly("understudy demo: " + why);
        return FAILED;
    }

    private static String message(Exception problem) {
        return problem instanceof FailureException known
                ? known.failure().message() + "\n  " + known.failure().recommendedAction()
                : String.valueOf(problem.getMessage());
    }
}
