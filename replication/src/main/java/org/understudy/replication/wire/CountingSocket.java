package org.understudy.replication.wire;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.LongAdder;

/**
 * A TCP socket that counts its bytes, below TLS: what the network carries and not what we meant to say. Its input is
 * buffered, because TLS reads the five bytes of each record's header on their own.
 */
final class CountingSocket extends Socket {
    private static final int INPUT_BUFFER_BYTES = 128 << 10;

    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private InputStream input;
    private OutputStream output;

    long sent() {
        return sent.sum();
    }

    long received() {
        return received.sum();
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        if (input == null) {
            input = new BufferedInputStream(new CountedInput(super.getInputStream()), INPUT_BUFFER_BYTES);
        }
        return input;
    }

    @Override
    public synchronized OutputStream getOutputStream() throws IOException {
        if (output == null) {
            output = new CountedOutput(super.getOutputStream());
        }
        return output;
    }

    private final class CountedInput extends FilterInputStream {
        CountedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                received.increment();
            }
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            if (read > 0) {
                received.add(read);
            }
            return read;
        }
    }

    private final class CountedOutput extends FilterOutputStream {
        CountedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            sent.increment();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            sent.add(length);
        }
    }
}
