package org.understudy.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.understudy.model.PlainText;

/** Rows of text under a heading, each column as wide as its widest cell; made for eyes, the stable form is JSON. */
final class Table {
    private final List<List<String>> lines = new ArrayList<>();
    private Optional<Table> below = Optional.empty();

    private Table() {}

    static Table headed(String... heading) {
        Table table = new Table();
        table.lines.add(List.of(heading));
        return table;
    }

    /** A line for each fact of one object: its name and its value. */
    static Table facts() {
        return new Table();
    }

    /** A table of many. */
    static <T> Table of(Collection<T> many, Function<T, List<?>> cells, String... heading) {
        Table table = headed(heading);
        many.forEach(one -> table.row(cells.apply(one).toArray()));
        return table;
    }

    Table row(Object... cells) {
        List<String> line = new ArrayList<>();
        for (Object cell : cells) {
            // What hosts, guests and strangers wrote stands in cells; no word of theirs moves the cursor.
            line.add(PlainText.of(text(cell)));
        }
        lines.add(line);
        return this;
    }

    /** Another table is printed below this one, with columns of its own. */
    Table above(Table other) {
        below = Optional.of(other);
        return this;
    }

    void print(PrintWriter out) {
        printLines(out);
        below.ifPresent(other -> {
            out.println();
            other.print(out);
        });
    }

    private void printLines(PrintWriter out) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> line : lines) {
            for (int column = 0; column < line.size(); column++) {
                int width = line.get(column).length();
                if (column == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(column, Math.max(widths.get(column), width));
                }
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                String cell = line.get(column);
                text.append(cell).repeat(' ', widths.get(column) - cell.length() + 2);
            }
            out.println(text.toString().stripTrailing());
        }
    }

    /** An instant as people read it: to the millisecond, in UTC. */
    static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    private static String text(Object cell) {
        return switch (cell) {
            case null -> "-";
            case Optional<?> optional -> optional.map(Table::text).orElse("-");
            case Collection<?> many when many.isEmpty() -> "-";
            case Collection<?> many -> String.join(", ", many.stream().map(Table::text).toList());
            case Instant at -> time(at);
            case Enum<?> word -> word.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Object other -> other.toString();
        };
    }
}
