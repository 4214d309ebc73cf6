package org.understudy.nbd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.understudy.model.Extent;

/** The block status of a range, asked for piece by piece, neighbours of equal flags joined. */
final class StatusIterator implements Iterator<BlockStatus> {
    private final Question question;
    private final long end;
    private final Deque<BlockStatus> answered = new ArrayDeque<>();
    private long asked;

    StatusIterator(Extent range, Question question) {
        this.question = question;
        this.asked = range.offset();
        this.end = range.end();
    }

    @Override
    public boolean hasNext() {
        return !answered.isEmpty() || asked < end;
    }

    /** Throws {@link UncheckedIOException}: an iterator has no checked exceptions. */
    @Override
    public BlockStatus next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (answered.isEmpty()) {
            ask();
        }
        BlockStatus joined = answered.poll();
        while (true) {
            if (answered.isEmpty() && asked < end) {
                ask();
            }
            BlockStatus following = answered.peek();
            if (following == null || following.flags() != joined.flags()) {
                return joined;
            }
            answered.poll();
            joined = new BlockStatus(new Extent(joined.extent().offset(),
                    joined.extent().length() + following.extent().length()), joined.flags());
        }
    }

    private void ask() {
        try {
            for (BlockStatus status : question.ask(new Extent(asked, end - asked))) {
                answered.add(status);
                asked = status.extent().end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers for the beginning of a range: one status or more, the first at the range's first byte. */
    interface Question {
        List<BlockStatus> ask(Extent range) throws IOException;
    }
}
