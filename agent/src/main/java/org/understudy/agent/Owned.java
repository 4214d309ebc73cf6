package org.understudy.agent;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an agent has started and will close, in reverse order; what cannot be closed does not keep the rest open. */
final class Owned implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Owned.class);

    private final Deque<Part> parts = new ArrayDeque<>();

    private record Part(String name, AutoCloseable resource) {}

    <T extends AutoCloseable> T add(String name, T resource) {
        synchronized (parts) {
            parts.push(new Part(name, resource));
        }
        return resource;
    }

    @Override
    public void close() {
        synchronized (parts) {
            while (!parts.isEmpty()) {
                Part part = parts.pop();
                try {
                    part.resource().close();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    LOG.warn("a part of the agent could not be closed part={} reason={}", part.name(), e.toString());
                }
            }
        }
    }
}
