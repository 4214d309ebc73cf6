package org.understudy.vault.access;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Keys, certificates and requests as PEM text. */
final class Pem {
    private Pem() {}

    static String write(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The first object in the text, if it is of the type. */
    static <T> Optional<T> read(String text, Class<T> type) {
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            Object object = parser.readObject();
            return type.isInstance(object) ? Optional.of(type.cast(object)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
