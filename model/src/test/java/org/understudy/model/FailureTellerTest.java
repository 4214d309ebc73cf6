package org.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person is never told the name of a Java class instead of what happened. */
class FailureTellerTest {
    @Test
    void namesTheFileAndWhatIsWrongWithIt(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(told(new NoSuchFileException("/nowhere"))).contains("NOT_FOUND", "no file or folder /nowhere");
        assertThat(told(new AccessDeniedException("/secret"))).contains("/secret", "this user may not");
        assertThat(told(new UncheckedIOException(new NoSuchFileException("/nowhere")))).contains("/nowhere");
        assertThat(told(thrown(() -> Files.createDirectories(file)))).contains(file.toString(), "is no folder");
        assertThat(told(thrown(() -> Files.readString(file.resolve("below"))))).contains("below", "Not a directory");
        assertThat(told(thrown(() -> Files.readString(folder)))).contains("Is a directory");
    }

    @Test
    void hasWordsWhereJavaHasNone() {
        ConnectException nobody = new ConnectException();
        nobody.initCause(new ClosedChannelException());
        assertThat(FailureTeller.reason(nobody)).contains("nothing listens there");
        ConnectException nameless = new ConnectException();
        nameless.initCause(new UnresolvedAddressException());
        assertThat(FailureTeller.reason(nameless)).contains("no address is known");
        assertThat(FailureTeller.reason(new UnknownHostException("vault"))).contains("no address is known");
        assertThat(FailureTeller.reason(new MalformedInputException(1))).contains("no text");
        for (IOException problem : List.of(nobody, nameless, new MalformedInputException(1))) {
            assertThat(told(problem)).doesNotContain("Exception");
        }
    }

    @Test
    void tellsADefectAsOurs() {
        Failure defect = FailureTeller.failure(new IllegalStateException("odd"));
        assertThat(defect.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(defect.message()).contains("odd", "FailureTellerTest");
        Failure known = FailureException.of(FailureCode.IN_USE, "it is in use").failure();
        assertThat(FailureTeller.failure(known.asException())).isEqualTo(known);
    }

    private static String told(Throwable problem) {
        Failure failure = FailureTeller.failure(problem);
        return failure.code() + " " + failure.message() + " " + failure.recommendedAction();
    }

    private interface Breaking {
        void run() throws IOException;
    }

    private static IOException thrown(Breaking work) {
        try {
            work.run();
        } catch (IOException e) {
            return e;
        }
        throw new AssertionError("it worked");
    }
}
