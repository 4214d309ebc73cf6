package org.understudy.capture;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.understudy.disk.BlockHasher;
import org.understudy.disk.DurableFile;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;

/**
 * What the target holds of one disk, block by block, as the hashes that it told: a file of 16 bytes for each 64 KiB,
 * filled from the disk's start to its end, read where a capture needs it. The format is
 * {@code docs/formats/source-folder.md}. Blocks that are zero at the target take no space in it.
 *
 * <p>Memory: none beyond what is asked for, however large the disk. Durability: {@link #add} returns when what it added
 * is. Threads: one adds; any may read. An interrupt closes it, as it does a file channel: it is opened anew then.
 */
public final class BlockTable implements AutoCloseable {
    private static final long MAGIC = 0x5544_5259_5442_4c31L;
    private static final int HEADER_BYTES = 4096;
    /** In a sector of its own, and written when what it counts is durable. */
    private static final int FILLED_AT = 512;
    private static final int IDENTITY_BYTES = 4 * Long.BYTES;
    private static final int FILLED_BYTES = 2 * Long.BYTES;

    private final Path file;
    private final FileChannel channel;
    private final UUID key;
    private final long blocks;
    private volatile long filled;

    private BlockTable(Path file, FileChannel channel, UUID key, long blocks, long filled) {
        this.file = file;
        this.channel = channel;
        this.key = key;
        this.blocks = blocks;
        this.filled = filled;
    }

    /** Opens the table of one comparison, as far as it was filled; makes an empty one in place of any other. */
    public static BlockTable openOrCreate(Path file, UUID key, ByteCount diskSize) throws IOException {
        Optional<BlockTable> there = open(file, key, diskSize);
        return there.isPresent() ? there.get() : create(file, key, diskSize);
    }

    /** The table of one comparison; empty when there is none, or the file is of another or damaged at its start. */
    public static Optional<BlockTable> open(Path file, UUID key, ByteCount diskSize) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            channel.read(header, 0);
            long blocks = BlockHasher.blocks(diskSize.bytes());
            boolean ours = !header.hasRemaining()
                    && header.slice(0, IDENTITY_BYTES).equals(identity(key, diskSize));
            if (ours) {
                long filled = header.getLong(FILLED_AT);
                boolean whole = filled >= 0 && filled <= blocks
                        && header.getLong(FILLED_AT + Long.BYTES) == checksum(filled);
                return Optional.of(new BlockTable(file, channel, key, blocks, whole ? filled : 0));
            }
            channel.close();
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static BlockTable create(Path file, UUID key, ByteCount diskSize) throws IOException {
        DurableFile.delete(file);
        try (FileChannel made = PrivateFile.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            writeAll(made, HEADER_BYTES - 1, ByteBuffer.allocate(1));
            writeAll(made, FILLED_AT, filled(0));
            writeAll(made, 0, identity(key, diskSize));
            made.force(true);
        }
        DurableFile.forceDirectory(file.toAbsolutePath().getParent());
        return open(file, key, diskSize).orElseThrow(() -> new IOException(file + " cannot be read back"));
    }

    private static ByteBuffer identity(UUID key, ByteCount diskSize) {
        return ByteBuffer.allocate(IDENTITY_BYTES).putLong(MAGIC).putLong(diskSize.bytes())
                .putLong(key.getMostSignificantBits()).putLong(key.getLeastSignificantBits()).flip();
    }

    private static ByteBuffer filled(long blocks) {
        return ByteBuffer.allocate(FILLED_BYTES).putLong(blocks).putLong(checksum(blocks)).flip();
    }

    private static long checksum(long filled) {
        CRC32C checksum = new CRC32C();
        checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(filled).flip());
        return checksum.getValue();
    }

    /** With which its hashes were made. */
    public UUID key() {
        return key;
    }

    /** How many blocks are known, from the start of the disk. */
    public long filled() {
        return filled;
    }

    /** How many blocks the disk has. */
    public long blocks() {
        return blocks;
    }

    /** Adds the hashes of the blocks that follow what is filled; durable when it returns. */
    public void add(long firstBlock, ByteBuffer hashes) throws IOException {
        int count = hashes.remaining() / BlockHasher.HASH_BYTES;
        if (firstBlock != filled || count == 0 || hashes.remaining() % BlockHasher.HASH_BYTES != 0
                || count > blocks - filled) {
            throw new IllegalArgumentException("%d bytes of hashes from block %d do not follow the %d of %d in %s"
                    .formatted(hashes.remaining(), firstBlock, filled, blocks, file));
        }
        ByteBuffer before = read(firstBlock, count);
        // Holes stay holes: a large disk with little on it has a small table.
        if (!before.equals(hashes)) {
            writeAll(channel, at(firstBlock), hashes.duplicate());
        }
        channel.force(false);
        writeAll(channel, FILLED_AT, filled(firstBlock + count));
        filled = firstBlock + count;
    }

    /** The hashes of so many blocks; of one that is not filled what there is means nothing. */
    ByteBuffer read(long firstBlock, int count) throws IOException {
        if (firstBlock < 0 || count < 0 || firstBlock > blocks - count) {
            throw new IllegalArgumentException("blocks %d to %d lie outside of %s".formatted(
                    firstBlock, firstBlock + count, file));
        }
        ByteBuffer hashes = ByteBuffer.allocate(count * BlockHasher.HASH_BYTES);
        while (hashes.hasRemaining() && channel.read(hashes, at(firstBlock) + hashes.position()) >= 0) {
            continue;
        }
        // Beyond the end of the file is what beyond the end of a hole would be.
        return hashes.position(hashes.limit()).flip();
    }

    private static long at(long block) {
        return HEADER_BYTES + block * BlockHasher.HASH_BYTES;
    }

    private static void writeAll(FileChannel channel, long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            int written = channel.write(bytes, at);
            if (written <= 0) {
                throw new EOFException("nothing can be written");
            }
            at += written;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
