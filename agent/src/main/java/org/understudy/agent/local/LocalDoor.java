package org.understudy.agent.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.local.LocalWords.Answer;
import org.understudy.agent.local.LocalWords.Request;
import org.understudy.command.CommandCodec;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.loop.EndlessLoop;

/**
 * The unix socket {@code local/agent.sock} in the agent's folder, in a folder that root alone may enter: where a
 * person's command at this host reaches the agent that runs. One request at a time.
 */
public final class LocalDoor implements EndlessLoop.Turn, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalDoor.class);

    private final Path socket;
    private final ServerSocketChannel door;
    private final LocalFailover failover;

    private LocalDoor(Path socket, ServerSocketChannel door, LocalFailover failover) {
        this.socket = socket;
        this.door = door;
        this.failover = failover;
    }

    /** Opens it; whoever holds the agent's folder owns what lies there. */
    public static LocalDoor open(Path agentFolder, LocalFailover failover) throws IOException {
        Path folder = Folders.make(socket(agentFolder).getParent(), FolderAccess.PRIVATE);
        Path socket = folder.resolve(socket(agentFolder).getFileName());
        Files.deleteIfExists(socket);
        ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            door.bind(UnixDomainSocketAddress.of(socket));
            return new LocalDoor(socket, door, failover);
        } catch (IOException | RuntimeException e) {
            door.close();
            throw new IOException("the socket " + socket + " cannot be made: " + FailureTeller.reason(e), e);
        }
    }

    private static Path socket(Path agentFolder) {
        return agentFolder.resolve("local").resolve("agent.sock");
    }

    /** Asks the agent that runs in a folder; AGENT_UNREACHABLE when none does. */
    public static Answer ask(Path agentFolder, Request request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(socket(agentFolder)));
            } catch (IOException nobody) {
                throw FailureException.of(FailureCode.AGENT_UNREACHABLE, "No agent runs in " + agentFolder + ".",
                        "Start it: systemctl start understudy-agent. It needs no vault.").causedBy(nobody);
            }
            write(channel, CommandCodec.mapper().writeValueAsString(request));
            Answer answer = CommandCodec.mapper().readValue(line(channel, Integer.MAX_VALUE), Answer.class);
            answer.failure().ifPresent(failure -> {
                throw failure.asException();
            });
            return answer;
        }
    }

    @Override
    public void take() throws IOException {
        try (SocketChannel person = door.accept()) {
            try {
                write(person, CommandCodec.mapper().writeValueAsString(answer(line(person, LocalWords.REQUEST_MAX))));
            } catch (IOException gone) {
                LOG.debug("a person's command went away", gone);
            }
        } catch (ClosedChannelException closed) {
            LOG.debug("the local socket is closed");
        }
    }

    private Answer answer(String said) {
        try {
            return failover.answer(CommandCodec.mapper().readValue(said, Request.class));
        } catch (JsonProcessingException e) {
            return refused(FailureException.of(FailureCode.REQUEST_INVALID, "The agent of this host does not "
                    + "understand the request.", "Use the command of the agent's own release."));
        } catch (FailureException e) {
            return refused(e);
        } catch (IOException e) {
            LOG.warn("a person's request failed", e);
            return refused(FailureException.of(
                    FailureCode.TARGET_IO_FAILED, FailureTeller.reason(e) + ".").causedBy(e));
        }
    }

    private static Answer refused(FailureException e) {
        return new Answer(Optional.of(e.failure()), List.of(), Optional.empty());
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String line(SocketChannel channel, int max) throws IOException {
        var text = new ByteArrayOutputStream();
        ByteBuffer bytes = ByteBuffer.allocate(8192);
        while (channel.read(bytes) >= 0 && text.size() <= max) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next == '\n') {
                    return text.toString(StandardCharsets.UTF_8);
                }
                text.write(next);
            }
            bytes.clear();
        }
        throw new IOException("the words on the local socket have no end");
    }

    @Override
    public void close() throws IOException {
        door.close();
        Files.deleteIfExists(socket);
    }
}
