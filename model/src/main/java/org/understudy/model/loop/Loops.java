package org.understudy.model.loop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.understudy.model.Failure;

/** The endless loops that one process runs beside each other, each on a virtual thread; safe for many threads. */
public final class Loops {
    private final BooleanSupplier ending;
    private final EndlessLoop.Rest rest;
    private final List<EndlessLoop> loops = new CopyOnWriteArrayList<>();

    /**
     * @param ending whether the process ends
     * @param rest its way to wait, cut short when it ends
     */
    public Loops(BooleanSupplier ending, EndlessLoop.Rest rest) {
        this.ending = ending;
        this.rest = rest;
    }

    /** Runs a loop until the process ends, or until its thread is interrupted. */
    public Thread start(String name, EndlessLoop.Turn turn) {
        EndlessLoop loop = new EndlessLoop(name, turn, ending, rest);
        loops.add(loop);
        return Thread.ofVirtual().name(name).start(loop);
    }

    /** What keeps any of them from going on, or ended it. */
    public List<Failure> troubles() {
        return loops.stream().flatMap(loop -> loop.trouble().stream()).toList();
    }
}
