package org.understudy.lab.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the person in front of the demo reads: stages with their times, lines below them, one line that moves.
 *
 * <p>On a terminal the moving line is written over; elsewhere it is a line every few seconds. Used by one thread.
 */
final class Narrator {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);
    private static final int BAR = 30;

    private final PrintStream out;
    private final boolean terminal;
    private final List<StageTime> times = new ArrayList<>();
    private String stage = "the start";
    private boolean moving;
    private long lastMove = Long.MIN_VALUE;
    private String lastMoved = "";

    /** A part of the story. */
    @FunctionalInterface
    interface Act {
        void play() throws IOException;
    }

    /** How long a stage took. */
    record StageTime(String stage, Duration took) {
    }

    Narrator(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Plays a part and measures it; one that fails is not among the times. */
    void stage(String title, Act act) throws IOException {
        stage = title;
        out.printf("%n%s%n", title);
        long from = System.nanoTime();
        act.play();
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        times.add(new StageTime(title, took));
        say("(" + seconds(took) + ")");
    }

    void say(String text) {
        endMovingLine();
        text.lines().forEach(line -> out.println(line.isEmpty() ? "" : "   " + line));
        out.flush();
    }

    /** Not indented: before the first stage and after the last. */
    void sayPlainly(String text) {
        endMovingLine();
        out.println(text);
        out.flush();
    }

    /** The line that moves. */
    void move(String text) {
        if (terminal) {
            out.print("\r\u001b[K   " + text);
            out.flush();
            moving = true;
        } else if (!text.equals(lastMoved)
                && (lastMove == Long.MIN_VALUE || System.nanoTime() - lastMove >= BETWEEN_LINES.toNanos())) {
            lastMove = System.nanoTime();
            lastMoved = text;
            out.println("   " + text);
            out.flush();
        }
    }

    static String bar(int percent) {
        int full = BAR * percent / 100;
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + "%3d %%".formatted(percent);
    }

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, time.compareTo(Duration.ofSeconds(10)) < 0 ? "%.2f s" : "%.1f s",
                time.toMillis() / 1000.0);
    }

    /** The stage that plays or played last. */
    String stage() {
        return stage;
    }

    List<StageTime> times() {
        return List.copyOf(times);
    }

    private void endMovingLine() {
        if (moving) {
            out.println();
            moving = false;
        }
        lastMove = Long.MIN_VALUE;
    }
}
