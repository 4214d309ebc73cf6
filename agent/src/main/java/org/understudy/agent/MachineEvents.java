package org.understudy.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.loop.EndlessLoop;

/**
 * Hears what happens to VMs, for as long as the hypervisor can be reached; a lost subscription is asked for again.
 * Events only shorten waits: nothing is lost when one is not heard.
 */
final class MachineEvents implements EndlessLoop.Turn, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MachineEvents.class);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);
    /** Once subscribed nothing is to be done before the end, which cuts the wait short. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

    private final Hypervisor hypervisor;
    private final Consumer<MachineEvent> listener;
    private final Pause pause;
    private volatile AutoCloseable subscription;
    private String told = "";

    MachineEvents(Hypervisor hypervisor, Consumer<MachineEvent> listener, Pause pause) {
        this.hypervisor = hypervisor;
        this.listener = listener;
        this.pause = pause;
    }

    @Override
    public void take() {
        if (subscription != null) {
            pause.await(LOOK_AGAIN);
            return;
        }
        try {
            AutoCloseable subscribed = hypervisor.onMachineEvent(listener);
            synchronized (this) {
                subscription = subscribed;
            }
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(told)) {
                LOG.info("machine events are not heard yet reason={}", reason);
                told = reason;
            }
            pause.await(TRY_AGAIN);
        }
    }

    @Override
    public void close() throws IOException {
        AutoCloseable subscribed;
        synchronized (this) {
            subscribed = subscription;
        }
        if (subscribed != null) {
            try {
                subscribed.close();
            } catch (Exception e) {
                throw new IOException("machine events are still subscribed to: " + e.getMessage(), e);
            }
        }
    }
}
