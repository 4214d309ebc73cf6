package org.understudy.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The talk before transmission: fixed newstyle, structured replies, meta contexts, then {@code NBD_OPT_GO}.
 *
 * <p>Block sizes are not asked for: a server that is not asked must serve any alignment, and QEMU and nbdkit do.
 */
final class NbdHandshake {
    private static final int REPLY_BYTES_MAX = 64 << 10;

    /** A server that answers one option with more replies than this is not to be waited for. */
    private static final int REPLIES_MAX = 1024;

    private final ByteChannel channel;
    private final String export;
    private long size = -1;
    private int flags;
    private final Map<String, Integer> contexts = new HashMap<>();

    private NbdHandshake(ByteChannel channel, String export) {
        this.channel = channel;
        this.export = export;
    }

    /** Agrees on an export; the next byte in either direction belongs to transmission. */
    static NbdExport perform(ByteChannel channel, String export, List<String> contexts) throws IOException {
        NbdHandshake handshake = new NbdHandshake(channel, export);
        handshake.greet();
        handshake.structuredReplies();
        if (!contexts.isEmpty()) {
            handshake.metaContexts(contexts);
        }
        handshake.go();
        return new NbdExport(export, handshake.size, handshake.flags, Map.copyOf(handshake.contexts));
    }

    private void greet() throws IOException {
        ByteBuffer greeting = receive(18);
        if (greeting.getLong() != NbdProtocol.NBDMAGIC || greeting.getLong() != NbdProtocol.IHAVEOPT) {
            throw broken("its greeting is not that of an NBD server of the newstyle protocol");
        }
        int server = Short.toUnsignedInt(greeting.getShort());
        if ((server & NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE) == 0) {
            throw broken("it does not speak the fixed newstyle protocol");
        }
        int both = server & (NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | NbdProtocol.NBD_FLAG_NO_ZEROES);
        send(ByteBuffer.allocate(4).putInt(both).flip());
    }

    private void structuredReplies() throws IOException {
        sendOption(NbdProtocol.NBD_OPT_STRUCTURED_REPLY, ByteBuffer.allocate(0));
        OptionReply reply = receiveReply(NbdProtocol.NBD_OPT_STRUCTURED_REPLY);
        if (reply.type() != NbdProtocol.NBD_REP_ACK) {
            throw broken("it does not offer structured replies" + reply.reason());
        }
    }

    private void metaContexts(List<String> wanted) throws IOException {
        byte[] name = textBytes(export);
        List<byte[]> queries = wanted.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        int length = queries.stream().mapToInt(query -> 4 + query.length).sum();
        ByteBuffer option = ByteBuffer.allocate(4 + name.length + 4 + length);
        option.putInt(name.length).put(name).putInt(queries.size());
        queries.forEach(query -> option.putInt(query.length).put(query));
        sendOption(NbdProtocol.NBD_OPT_SET_META_CONTEXT, option.flip());
        for (int count = 0; count < REPLIES_MAX; count++) {
            OptionReply reply = receiveReply(NbdProtocol.NBD_OPT_SET_META_CONTEXT);
            switch (reply.type()) {
                case NbdProtocol.NBD_REP_ACK -> {
                    return;
                }
                case NbdProtocol.NBD_REP_META_CONTEXT -> addContext(reply.content(), wanted);
                default -> throw broken("it refused the meta contexts " + wanted + reply.reason());
            }
        }
        throw broken("it answered with too many meta contexts");
    }

    private void addContext(ByteBuffer content, List<String> wanted) throws IOException {
        if (content.remaining() < 4) {
            throw broken("a meta context came without an id");
        }
        int id = content.getInt();
        String context = StandardCharsets.UTF_8.decode(content).toString();
        if (!wanted.contains(context) || contexts.containsValue(id) || contexts.put(context, id) != null) {
            throw broken("it answered with a meta context that was not asked for, or twice");
        }
    }

    private void go() throws IOException {
        byte[] name = textBytes(export);
        ByteBuffer option = ByteBuffer.allocate(4 + name.length + 2);
        sendOption(NbdProtocol.NBD_OPT_GO, option.putInt(name.length).put(name).putShort((short) 0).flip());
        for (int count = 0; count < REPLIES_MAX; count++) {
            OptionReply reply = receiveReply(NbdProtocol.NBD_OPT_GO);
            switch (reply.type()) {
                case NbdProtocol.NBD_REP_ACK -> {
                    if (size < 0) {
                        throw broken("it did not tell the size");
                    }
                    return;
                }
                case NbdProtocol.NBD_REP_INFO -> takeInformation(reply.content());
                default -> throw broken("it refused the export" + reply.reason());
            }
        }
        throw broken("it told too much about the export");
    }

    private void takeInformation(ByteBuffer content) throws IOException {
        if (content.remaining() < 2) {
            throw broken("an information about the export came without its type");
        }
        if (Short.toUnsignedInt(content.getShort()) != NbdProtocol.NBD_INFO_EXPORT) {
            return;
        }
        if (content.remaining() != 10) {
            throw broken("the size of the export came in %d bytes".formatted(content.remaining()));
        }
        size = content.getLong();
        flags = Short.toUnsignedInt(content.getShort());
        if (size < 0) {
            throw broken("it claims a size of " + Long.toUnsignedString(size) + " bytes");
        }
    }

    private byte[] textBytes(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > NbdProtocol.STRING_BYTES_MAX) {
            throw broken("the name of the export is longer than the protocol allows");
        }
        return bytes;
    }

    private void sendOption(int option, ByteBuffer content) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(NbdProtocol.OPTION_HEAD_BYTES + content.remaining());
        bytes.putLong(NbdProtocol.IHAVEOPT).putInt(option).putInt(content.remaining()).put(content);
        send(bytes.flip());
    }

    private OptionReply receiveReply(int option) throws IOException {
        ByteBuffer head = receive(NbdProtocol.OPTION_REPLY_HEAD_BYTES);
        if (head.getLong() != NbdProtocol.OPTION_REPLY_MAGIC || head.getInt() != option) {
            throw broken("its reply does not belong to option " + option);
        }
        int type = head.getInt();
        long length = Integer.toUnsignedLong(head.getInt());
        if (length > REPLY_BYTES_MAX) {
            throw broken("its reply to option %d has %d bytes, at most %d are read".formatted(option, length,
                    REPLY_BYTES_MAX));
        }
        return new OptionReply(type, receive((int) length));
    }

    private ByteBuffer receive(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("NBD export \"%s\": the server hung up during the handshake".formatted(export));
            }
        }
        return bytes.flip();
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private NbdException broken(String fact) {
        return new NbdException("NBD export \"%s\": the server cannot be used: %s".formatted(export, fact));
    }

    /** One answer to an option. */
    private record OptionReply(int type, ByteBuffer content) {
        /** The server's own words after an error. */
        String reason() {
            boolean error = (type & NbdProtocol.NBD_REP_FLAG_ERROR) != 0;
            return (error ? " (error " + (type & ~NbdProtocol.NBD_REP_FLAG_ERROR) : " (reply " + type) + ")"
                    + (content.hasRemaining() ? ": " + StandardCharsets.UTF_8.decode(content.duplicate()) : "");
        }
    }
}
