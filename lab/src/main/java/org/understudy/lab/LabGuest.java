package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import org.understudy.model.ByteCount;

/**
 * A guest of the lab on one host; its name there is that of the libvirt domain.
 *
 * <p>Every question goes through the host's namespaces, so a guest in an isolated network answers as well. A guest that
 * does not answer is an {@link IOException}. Safe for several threads.
 */
public final class LabGuest {
    private final LabScript script;
    private final String name;
    private final String host;

    LabGuest(LabScript script, String name, String host) {
        this.script = script;
        this.name = name;
        this.host = host;
    }

    public String name() {
        return name;
    }

    public String host() {
        return host;
    }

    /** Removes the domain and its disks; a guest that is gone already is fine. */
    public void destroy() throws IOException {
        script.run("guest", "destroy", name, "--host", host);
    }

    /** The address DHCP gave it. */
    public String address() throws IOException {
        for (JsonNode guest : LabScript.json(script.run("guest", "list", "--output", "json"))) {
            if (guest.path("name").asText().equals(name) && guest.path("host").asText().equals(host)) {
                return guest.path("address").asText();
            }
        }
        throw new IOException(name + " is not defined at " + host);
    }

    public GuestStatus status() throws IOException {
        return GuestStatus.of(ask("/status"));
    }

    /** What it keeps in its firmware and its TPM. */
    public GuestFirmware firmware() throws IOException {
        return GuestFirmware.of(ask("/firmware"));
    }

    /** Waits until the guest has an address and answers; looks ten times a second. */
    public GuestStatus awaitAnswer(Duration atMost) throws IOException {
        return GuestStatus.of(LabScript.json(script.run(
                "guest", "wait", name, "--host", host, "--seconds", Long.toString(atMost.toSeconds()))));
    }

    /** Changes the pace of the writer; 0 for as fast as possible. */
    public void setRecordsPerSecond(int rate) throws IOException {
        ask("/rate?per_second=" + rate);
    }

    /** Rewrites so many whole MiB of disk 1 with new random bytes; they are durable when this returns. */
    public void churn(ByteCount bytes) throws IOException {
        ask("/churn?mib=" + (bytes.bytes() >> 20));
    }

    /**
     * What the guest's disks hold at this instant, read by QEMU's tools alone; the guest is paused while its disks are
     * copied.
     */
    public String records() throws IOException {
        return script.run("guest", "records", name, "--host", host, "--output", "json");
    }

    private JsonNode ask(String path) throws IOException {
        return LabScript.json(script.run("guest", "http", name, path, "--host", host));
    }
}
