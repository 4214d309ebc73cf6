package org.understudy.vault.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** Reads every text of a JSON body through one rule, which may change it or refuse it. */
public final class PlainTextReader extends StdScalarDeserializer<String> {
    private static final long serialVersionUID = 1;

    private final transient UnaryOperator<String> rule;

    /** With a rule that refuses by an IllegalArgumentException. */
    public PlainTextReader(UnaryOperator<String> rule) {
        super(String.class);
        this.rule = rule;
    }

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        String text = StringDeserializer.instance.deserialize(parser, context);
        try {
            return rule.apply(text);
        } catch (IllegalArgumentException e) {
            throw JsonMappingException.from(parser, e.getMessage(), e);
        }
    }
}
