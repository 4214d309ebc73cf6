package org.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;

/** Keeps the schemas of openapi.yaml equal to the records, and each reference in it to a schema that is there. */
class OpenApiDocumentTest {
    private static final Path DOCUMENT = Path.of("src/main/resources/openapi.yaml");
    private static final String COMPONENTS = "\ncomponents:\n";
    private static final String FIXED = """
            \s securitySchemes:
            \s   token: {type: http, scheme: bearer}
            \s responses:
            \s   Refused:
            \s     description: refused or failed, and what to do about it
            \s     content:
            \s       application/json:
            \s         schema: {$ref: '#/components/schemas/ErrorView'}
            \s schemas:
            """;

    /** Built from records on the way; in the order of names. */
    private final Map<String, String> schemas = new TreeMap<>();

    @Test
    void schemasAreTheRecords() throws IOException {
        drawAll();
        String drawn = FIXED + String.join("", schemas.values());
        String document = Files.readString(DOCUMENT);
        int components = document.indexOf(COMPONENTS) + COMPONENTS.length();
        if (Boolean.getBoolean("update.snapshots")) {
            Files.writeString(DOCUMENT, document.substring(0, components) + drawn);
        }
        assertThat(Files.readString(DOCUMENT).substring(components)).isEqualTo(drawn);
    }

    @Test
    void everyReferenceLeadsToASchema() throws IOException {
        drawAll();
        TreeSet<String> named = Pattern.compile("#/components/schemas/(\\w+)").matcher(Files.readString(DOCUMENT))
                .results().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
        assertThat(schemas.keySet()).containsAll(named);
    }

    private void drawAll() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/java/org/understudy/api"))) {
            List<String> names = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .filter(name -> name.endsWith("View") || name.endsWith("Request")).sorted().toList();
            for (String name : names) {
                draw(load("org.understudy.api." + name));
            }
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private String draw(Class<?> type) {
        String name = type.getEnclosingClass() == null
                ? type.getSimpleName() : type.getEnclosingClass().getSimpleName() + type.getSimpleName();
        if (schemas.putIfAbsent(name, "") == null) {
            List<String> lines = new ArrayList<>();
            lines.add("    %s:".formatted(name));
            if (type.isEnum()) {
                lines.add("      type: string");
                lines.add("      enum:");
                Arrays.stream(type.getEnumConstants()).forEach(word -> lines.add("        - " + word));
            } else {
                lines.add("      type: object");
                List<String> required = Arrays.stream(type.getRecordComponents())
                        .filter(component -> !raw(component.getGenericType()).equals(Optional.class))
                        .map(RecordComponent::getName).toList();
                if (!required.isEmpty()) {
                    lines.add("      required:");
                    required.forEach(property -> lines.add("        - " + property));
                }
                lines.add("      properties:");
                for (RecordComponent component : type.getRecordComponents()) {
                    lines.add("        %s: %s".formatted(component.getName(), schema(component.getGenericType())));
                }
            }
            schemas.put(name, String.join("\n", lines) + "\n");
        }
        return "{$ref: '#/components/schemas/" + name + "'}";
    }

    private static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> (Class<?>) generic.getRawType();
            default -> Object.class;
        };
    }

    private String schema(Type type) {
        Class<?> raw = raw(type);
        if (raw == Optional.class || raw == List.class) {
            String inner = schema(((ParameterizedType) type).getActualTypeArguments()[0]);
            return raw == List.class ? "{type: array, items: " + inner + "}"
                    : "{oneOf: [" + inner + ", {type: 'null'}]}";
        }
        Map<Class<?>, String> simple = Map.ofEntries(
                Map.entry(String.class, "{type: string}"), Map.entry(URI.class, "{type: string, format: uri}"),
                Map.entry(int.class, "{type: integer, format: int32}"),
                Map.entry(Integer.class, "{type: integer, format: int32}"),
                Map.entry(long.class, "{type: integer, format: int64}"),
                Map.entry(Long.class, "{type: integer, format: int64}"),
                Map.entry(boolean.class, "{type: boolean}"), Map.entry(Boolean.class, "{type: boolean}"),
                Map.entry(Instant.class, "{type: string, format: date-time}"),
                Map.entry(Duration.class, "{type: string, format: duration}"),
                Map.entry(ByteCount.class, "{type: integer, format: int64}"),
                Map.entry(DiskName.class, "{type: string}"),
                // An open set: a later vault may have more codes than the client was made for.
                Map.entry(FailureCode.class, "{type: string, description: a code of the catalogue}"),
                // The type of an id inside Named.
                Map.entry(Object.class, "{type: string, format: uuid}"));
        if (simple.containsKey(raw)) {
            return simple.get(raw);
        }
        boolean id = raw.isRecord() && Arrays.stream(raw.getDeclaredFields())
                .anyMatch(field -> field.isAnnotationPresent(JsonValue.class));
        return id ? "{type: string, format: uuid}" : draw(raw);
    }
}
