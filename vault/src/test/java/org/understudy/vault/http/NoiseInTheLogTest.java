package org.understudy.vault.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Strangers at the vault's port bring about few lines in its log, and no stack traces; our own defects keep theirs. */
class NoiseInTheLogTest {
    private static final String SERVER = "io.helidon.webserver.http1.Http1Connection";
    private static final RuntimeException RUBBISH = new IllegalStateException(
            "Internal error", new IllegalArgumentException("Token contains\na control character"));

    @Test
    void anEventIsOneLineWithItsCauses() throws JoranException {
        List<String> lines = logged(context -> logger(context, SERVER).warn("Internal server error", RUBBISH));
        assertThat(lines).singleElement().asString()
                .contains("Internal server error", "Internal error", "Token contains a control character")
                .doesNotContain("\t");
    }

    @Test
    void aLineEndsSomewhereWhateverTheStrangerSent() throws JoranException {
        List<String> lines = logged(context -> logger(context, SERVER).warn("x".repeat(100_000)));
        assertThat(lines).singleElement().satisfies(line -> assertThat(line.length()).isBetween(1000, 1200));
    }

    @Test
    void aThousandEventsAreFewLines() throws JoranException {
        List<String> lines = logged(context -> {
            for (int i = 0; i < 1000; i++) {
                logger(context, SERVER).warn("Internal server error", RUBBISH);
            }
        });
        // Twice the limit, where a minute ended between.
        assertThat(lines).hasSizeBetween(1, 20);
    }

    @Test
    void whatOthersWroteMovesNoCursorAndFakesNoLine() throws JoranException {
        List<String> lines = logged(context -> logger(context, "org.understudy.vault.Any").info(
                "host registered host=a\u001b[2J\n2026-01-01 level=INFO"));
        assertThat(lines).singleElement().asString().contains("host=a?[2J?2026-01-01").doesNotContain("\u001b");
    }

    @Test
    void ourOwnDefectsAreToldWhole() throws JoranException {
        List<String> lines = logged(context ->
                logger(context, ErrorMapping.class.getName()).error("request broke", RUBBISH));
        assertThat(lines).anyMatch(line -> line.startsWith("\tat " + NoiseInTheLogTest.class.getName()));
    }

    private static Logger logger(LoggerContext context, String name) {
        return context.getLogger(name);
    }

    /** What the vault's own configuration makes of it. */
    private static List<String> logged(Consumer<LoggerContext> events) throws JoranException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(NoiseInTheLogTest.class.getResource("/logback.xml"));
        context.getLoggerList().forEach(logger -> logger.iteratorForAppenders().forEachRemaining(appender ->
                ((ConsoleAppender<ILoggingEvent>) appender).setOutputStream(bytes)));
        events.accept(context);
        context.stop();
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
