package org.understudy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What a run found, for people and for programs. */
final class Report {
    private final Samples samples;
    private final Map<String, String> setting;

    /**
     * Of the samples as they are.
     *
     * @param setting what was measured, on what
     */
    Report(Samples samples, Map<String, String> setting) {
        this.samples = samples;
        this.setting = new LinkedHashMap<>(setting);
    }

    /** A value as people read it, with its unit. */
    static String number(double value, String unit) {
        double size = Math.abs(value);
        String format = size >= 100 || value == Math.rint(value) && size >= 10 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f";
        String text = unit.isEmpty() ? "%.0f".formatted(value) : String.format(Locale.ROOT, format, value);
        return (text + " " + unit).strip();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        setting.forEach((name, value) -> text.append(line("%-12s %s", name, value)));
        for (Figure.Section section : Figure.Section.values()) {
            List<Figure> figures = figures(section);
            if (!figures.isEmpty()) {
                text.append(line("%n%-67s %11s  %-21s %9s  %s", section.title(), "median", "  least .. most",
                        section == Figure.Section.INITIAL ? "MB/s" : "", compared(figures) ? "ours / tool" : ""));
                figures.forEach(figure -> text.append(row(figure)));
            }
        }
        return text.toString();
    }

    String json() {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Figure figure : Figure.values()) {
            samples.median(figure).ifPresent(median -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("section", figure.section().title());
                fields.put("title", figure.title());
                fields.put("unit", figure.unit());
                fields.put("median", median);
                oursOverTool(figure).ifPresent(ratio -> fields.put("oursOverTool", ratio));
                fields.put("samples", samples.of(figure));
                figures.put(figure.name().toLowerCase(Locale.ROOT).replace('_', '-'), fields);
            });
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("setting", setting);
        all.put("figures", figures);
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and names are always JSON", e);
        }
    }

    private String row(Figure figure) {
        List<Double> values = samples.of(figure);
        double median = samples.median(figure).orElseThrow();
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        String range = values.size() == 1 ? ""
                : bare(least, figure) + " .. " + bare(most, figure) + " (" + values.size() + ")";
        boolean copies = figure.section() == Figure.Section.INITIAL && figure.role() != Figure.Role.FACT;
        OptionalDouble ratio = oursOverTool(figure);
        return line("  %-65s %11s  %-21s %9s  %s", figure.title(), number(median, figure.unit()), range,
                copies ? "%.0f".formatted(samples.median(Figure.INITIAL_CONTENT).orElseThrow() / median) : "",
                ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "");
    }

    private static String bare(double value, Figure figure) {
        return number(value, figure.unit()).replace(" " + figure.unit(), "");
    }

    private OptionalDouble oursOverTool(Figure tool) {
        if (tool.role() != Figure.Role.TOOL || samples.median(tool).isEmpty()) {
            return OptionalDouble.empty();
        }
        for (Figure ours : figures(tool.section())) {
            if (ours.role() == Figure.Role.OURS) {
                return OptionalDouble.of(
                        samples.median(ours).orElseThrow() / samples.median(tool).orElseThrow());
            }
        }
        return OptionalDouble.empty();
    }

    private static boolean compared(List<Figure> figures) {
        return figures.stream().anyMatch(figure -> figure.role() == Figure.Role.TOOL);
    }

    /** Those of a section that have samples. */
    private List<Figure> figures(Figure.Section section) {
        List<Figure> found = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            if (figure.section() == section && samples.median(figure).isPresent()) {
                found.add(figure);
            }
        }
        return found;
    }

    private static String line(String format, Object... words) {
        return String.format(Locale.ROOT, format, words).stripTrailing() + System.lineSeparator();
    }
}
