package org.understudy.vault.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.understudy.api.ApiCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PlainText;

/** JSON in requests and answers; what is not understood is said in the words of who wrote it. */
final class Json {
    /** Characters of a text in a request: more than any name, path, reason or note has. */
    private static final int TEXT_MAX = 4096;

    /** For what a person asks: unknown properties and odd texts are typing errors. */
    static final ObjectMapper REQUESTS = ApiCodec.strict().copy().registerModule(
            new SimpleModule().addDeserializer(String.class, new PlainTextReader(text -> {
                if (text.length() > TEXT_MAX || !PlainText.isPlain(text)) {
                    throw new IllegalArgumentException(
                            "a text has control characters, or more than " + TEXT_MAX + " characters");
                }
                return text;
            })));

    private Json() {}

    static byte[] write(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON of a " + value.getClass().getSimpleName(), e);
        }
    }

    static <T> T read(ObjectMapper mapper, byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw invalid("the request has no body; a JSON object is expected");
        }
        try {
            T value = mapper.readValue(body, type);
            if (value == null) {
                throw invalid("the request's body is null; a JSON object is expected");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw invalid(wording(e)).causedBy(e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory were not readable", e);
        }
    }

    static FailureException invalid(String message) {
        return FailureException.of(FailureCode.REQUEST_INVALID, message);
    }

    private static String wording(JsonProcessingException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown -> "there is no property \"%s\" here; known are %s".formatted(
                    path(unknown), unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted()
                            .collect(Collectors.joining(", ")));
            case InvalidFormatException wrong -> "\"%s\" is no value for %s".formatted(wrong.getValue(), path(wrong));
            case ValueInstantiationException refused -> refusal(refused);
            case JsonMappingException odd when odd.getCause() instanceof IllegalArgumentException ->
                    path(odd) + ": " + odd.getCause().getMessage();
            case JsonMappingException mapping -> "the value of " + path(mapping) + " is not of the kind expected there";
            case JsonProcessingException malformed -> "the body is not JSON: " + malformed.getOriginalMessage()
                    + Optional.ofNullable(malformed.getLocation())
                            .map(at -> " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")").orElse("");
        };
    }

    private static String refusal(ValueInstantiationException refused) {
        Throwable cause = refused.getCause();
        String where = refused.getPath().isEmpty() ? "" : path(refused) + ": ";
        return cause instanceof NullPointerException
                ? where + "\"" + cause.getMessage() + "\" is missing"
                : where + (cause == null ? refused.getOriginalMessage() : cause.getMessage());
    }

    private static String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "the body" : path;
    }
}
