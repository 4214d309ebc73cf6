package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.understudy.hypervisor.Ipv4;

/**
 * A private IPv4 subnet of 256 addresses that nothing on this host uses.
 *
 * @param address its first address, in host order
 */
record FreeSubnet(int address) {
    static final int PREFIX = 24;
    private static final Path ROUTES = Path.of("/proc/net/route");

    /** A range of addresses in use: {@code first} to {@code last}, unsigned. */
    record Range(long first, long last) {
        static Range of(int address, int prefix) {
            long size = 1L << (32 - prefix);
            long first = Integer.toUnsignedLong(address) & -size;
            return new Range(first, first + size - 1);
        }

        /** Parses {@code 192.168.122.1/24} and {@code 192.168.122.1/255.255.255.0}. */
        static Range parse(String text) {
            String[] parts = text.split("/");
            return of((int) Ipv4.number(parts[0]), Ipv4.prefix(parts[1]));
        }

        boolean overlaps(Range other) {
            return first <= other.last && other.first <= last;
        }
    }

    /** The first candidate apart from the host's interfaces and routes and from these others. */
    static Optional<FreeSubnet> besides(List<String> others) throws IOException {
        List<Range> used = new ArrayList<>(interfaces());
        used.addAll(routes());
        others.stream().map(Range::parse).forEach(used::add);
        return besidesRanges(used);
    }

    /** Candidates: 192.168.200.0 to 192.168.254.0, then 10.213.0.0 to 10.213.255.0. */
    static Optional<FreeSubnet> besidesRanges(List<Range> used) {
        IntStream small = IntStream.rangeClosed(200, 254).map(third -> 192 << 24 | 168 << 16 | third << 8);
        IntStream large = IntStream.rangeClosed(0, 255).map(third -> 10 << 24 | 213 << 16 | third << 8);
        return IntStream.concat(small, large)
                .filter(address -> used.stream().noneMatch(Range.of(address, PREFIX)::overlaps))
                .mapToObj(FreeSubnet::new).findFirst();
    }

    /** The address of a host in it. */
    String host(int number) {
        int host = address + number;
        return "%d.%d.%d.%d".formatted(host >>> 24, host >>> 16 & 0xff, host >>> 8 & 0xff, host & 0xff);
    }

    private static List<Range> interfaces() throws IOException {
        List<Range> ranges = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InterfaceAddress address : each.getInterfaceAddresses()) {
                if (address.getAddress() instanceof Inet4Address inet) {
                    ranges.add(Range.parse(inet.getHostAddress() + "/" + address.getNetworkPrefixLength()));
                }
            }
        }
        return ranges;
    }

    /** Linux: columns 2 and 8 are destination and mask, hexadecimal in the machine's byte order (little-endian). */
    private static List<Range> routes() throws IOException {
        if (!Files.isReadable(ROUTES)) {
            return List.of();
        }
        return Files.readAllLines(ROUTES).stream().skip(1).map(line -> line.split("\t"))
                .filter(columns -> columns.length > 7 && !columns[7].equals("00000000"))
                .map(columns -> Range.of(Integer.reverseBytes(Integer.parseUnsignedInt(columns[1], 16)),
                        Integer.bitCount(Integer.parseUnsignedInt(columns[7], 16))))
                .toList();
    }
}
