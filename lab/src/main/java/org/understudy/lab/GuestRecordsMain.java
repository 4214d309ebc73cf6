package org.understudy.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The command behind {@code lab/bin/guest-records}: reads two raw disk images and tells what records they hold.
 *
 * <p>Exit status 0: the disks are one instant of the guest; 1: they are not; 2: wrong arguments or unreadable files.
 * Uses nothing but the JDK, so it runs from its sources as well.
 */
public final class GuestRecordsMain {
    private GuestRecordsMain() {
    }

    public static void main(String[] args) {
        List<String> paths = new ArrayList<>(List.of(args));
        boolean json = paths.size() == 4 && paths.get(2).equals("--output") && paths.get(3).equals("json");
        if (json) {
            paths = paths.subList(0, 2);
        }
        if (paths.size() != 2) {
            System.err.println("usage: guest-records <disk 1> <disk 2> [--output json]");
            System.exit(2);
        }
        try {
            GuestRecords records = GuestRecords.read(Path.of(paths.get(0)), Path.of(paths.get(1)));
            System.out.print(json ? json(records) : text(records));
            System.exit(records.consistent() ? 0 : 1);
        } catch (IOException unreadable) {
            System.err.println("guest-records: " + unreadable);
            System.exit(2);
        }
    }

    private static String text(GuestRecords records) {
        StringBuilder text = new StringBuilder();
        for (DiskRecords disk : List.of(records.disk1(), records.disk2())) {
            text.append("disk %d: records 1..%d%n".formatted(disk.disk(), disk.last()));
            for (DiskRecords.Boot boot : disk.boots()) {
                text.append("  boot %s wrote %d..%d, %s to %s%n".formatted(
                        boot.id(), boot.first(), boot.last(), boot.firstAt(), boot.lastAt()));
            }
        }
        records.faults().forEach(fault -> text.append("fault: ").append(fault).append(System.lineSeparator()));
        return text.append(verdict(records)).append(System.lineSeparator()).toString();
    }

    private static String verdict(GuestRecords records) {
        if (!records.consistent()) {
            return "not one instant";
        }
        return records.lastOnBoth() == 0 ? "one instant, before the first record"
                : "one instant: last record on both disks " + records.lastOnBoth();
    }

    private static String json(GuestRecords records) {
        return "{\"consistent\":%b,\"lastOnBoth\":%d,\"disks\":[%s,%s],\"faults\":[%s]}%n".formatted(
                records.consistent(), records.lastOnBoth(), json(records.disk1()), json(records.disk2()),
                records.faults().stream().map(GuestRecordsMain::quoted).collect(Collectors.joining(",")));
    }

    private static String json(DiskRecords disk) {
        String boots = disk.boots().stream()
                .map(boot -> "{\"id\":\"%s\",\"first\":%d,\"last\":%d,\"firstAt\":\"%s\",\"lastAt\":\"%s\"}".formatted(
                        boot.id(), boot.first(), boot.last(), boot.firstAt(), boot.lastAt()))
                .collect(Collectors.joining(","));
        String gap = disk.firstGap().isPresent() ? Long.toString(disk.firstGap().getAsLong()) : "null";
        return "{\"disk\":%d,\"guest\":%s,\"firstKept\":%d,\"last\":%d,\"firstGap\":%s,\"boots\":[%s]}".formatted(
                disk.disk(), quoted(disk.guest()), disk.first(), disk.last(), gap, boots);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> quoted.append(c < ' ' || c == '"' || c == '\\' || c > '~'
                ? "\\u%04x".formatted(c).toLowerCase(Locale.ROOT) : Character.toString(c)));
        return quoted.append('"').toString();
    }
}
