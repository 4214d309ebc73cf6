package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.understudy.api.HostView;
import org.understudy.lab.Lab;

/** Every port on which the product listens, and the {@link Noise} made at it. */
final class NoisyPorts implements AutoCloseable {
    private static final int SILENT_CONNECTIONS = 100;

    private final Map<String, Noise> ports;
    private final List<Socket> silent = new ArrayList<>();

    private NoisyPorts(Map<String, Noise> ports) {
        this.ports = ports;
    }

    static NoisyPorts of(AcceptanceLab world, Stranger stranger) throws IOException {
        Map<String, Noise> ports = new LinkedHashMap<>();
        long seed = Long.getLong("understudy.seed", 20);
        URI vault = world.deployment().vault().url();
        ports.put("vault", new Noise(
                new InetSocketAddress(vault.getHost(), vault.getPort()), stranger.tls(), new Random(seed)));
        for (String host : List.of(Lab.STOCKHOLM, Lab.AMSTERDAM)) {
            HostView known = world.vault().host(host);
            ports.put(host, new Noise(
                    new InetSocketAddress(known.address(), known.port()), stranger.tls(), new Random(seed)));
        }
        return new NoisyPorts(ports);
    }

    /** Makes every kind of noise at every port, with many silent connections beside. */
    void makeNoise() throws IOException {
        for (Noise port : ports.values()) {
            silent.addAll(port.silence(SILENT_CONNECTIONS));
        }
        for (Map.Entry<String, Noise> port : ports.entrySet()) {
            assertThat(port.getValue().everyKind()).as("noise that the port of %s did not accept", port.getKey())
                    .isEmpty();
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : silent) {
            socket.close();
        }
    }
}
