package org.understudy.agent.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.disk.HostProgram;
import org.understudy.model.HostFact;

/** What the host's QEMU can do, asked over its own protocol: does it know the words that replication says. */
final class EmulatorFacts {
    private static final String QUESTIONS = """
            {"execute":"qmp_capabilities"}
            {"execute":"query-qmp-schema"}
            {"execute":"quit"}
            """;
    private static final Pattern VERSION = Pattern.compile(
            "\"qemu\": *\\{\"micro\": *(\\d+), *\"minor\": *(\\d+), *\"major\": *(\\d+)");

    private EmulatorFacts() {}

    /** @param emulator its program, as libvirt names it */
    static List<HostFact> of(String emulator) {
        // No machine, no screen, no guest: it answers and ends.
        Optional<HostProgram.Answer> answer = HostProgram.ask(HostCheck.PROGRAM_PATIENCE, QUESTIONS, List.of(emulator,
                "-machine", "none", "-display", "none", "-nodefaults", "-no-user-config", "-S", "-qmp", "stdio"));
        if (answer.isEmpty() || !answer.get().output().contains("\"meta-type\"")) {
            return List.of(HostFact.missing("QEMU", "QEMU (" + emulator + ") does not say what it can do"
                    + answer.map(it -> ": " + firstLine(it.words())).orElse("") + ".",
                    "Run \"" + emulator + " --version\" and mend what it says; install qemu-system-x86."));
        }
        return in(emulator, answer.get().output());
    }

    static List<HostFact> in(String emulator, String schema) {
        List<HostFact> facts = new ArrayList<>();
        facts.add(HostFact.yes("QEMU", "QEMU " + version(schema) + " is " + emulator + "."));
        facts.add(word(schema, "QEMU: dirty bitmaps", "block-dirty-bitmap-merge", "keeps record of changed blocks"));
        facts.add(word(schema, "QEMU: export of disks", "nbd-server-start", "exports disks at a unix socket"));
        facts.add(word(schema, "QEMU: copy before write", "copy-before-write",
                "keeps old content aside while a point in time is read"));
        // Not "on-cbw-error": libvirt gives no way to ask for it (decision 18), so it says nothing of what we do.
        return facts;
    }

    private static HostFact word(String schema, String subject, String word, String meaning) {
        return knows(schema, word) ? HostFact.yes(subject, "This QEMU " + meaning + ".")
                : HostFact.missing(subject, "This QEMU knows no \"" + word + "\", with which it " + meaning + ".",
                        "Update QEMU to 6.2 or newer.");
    }

    private static boolean knows(String schema, String word) {
        return schema.contains('"' + word + '"');
    }

    private static String version(String schema) {
        Matcher version = VERSION.matcher(schema);
        return version.find()
                ? version.group(3) + "." + version.group(2) + "." + version.group(1) : "(of some version)";
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("nothing").strip();
    }
}
