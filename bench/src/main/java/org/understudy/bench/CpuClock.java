package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.understudy.lab.deployment.Await;

/** Processor time as {@code /proc} tells it: of a process, and of the whole machine. */
final class CpuClock {
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;
    private static final List<Integer> IDLE_AND_WAITING = List.of(3, 4);

    private CpuClock() {
    }

    /** Seconds that a process has used so far, all its threads. */
    static double seconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        // The name in parentheses may hold spaces; the fields behind it are counted from there.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME])) / TICKS_PER_SECOND;
    }

    /** How busy all processors together are during a while, in percent; stolen time counts as busy. */
    static double machineBusy(Duration during) throws IOException {
        long[] before = machine();
        Await.pass(during);
        long[] after = machine();
        long all = 0;
        long idle = 0;
        for (int i = 0; i < before.length; i++) {
            all += after[i] - before[i];
            idle += IDLE_AND_WAITING.contains(i) ? after[i] - before[i] : 0;
        }
        return 100.0 * (all - idle) / all;
    }

    private static long[] machine() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            String first = lines.findFirst().orElseThrow();
            return Arrays.stream(first.split(" +")).skip(1).limit(8).mapToLong(Long::parseLong).toArray();
        }
    }
}
