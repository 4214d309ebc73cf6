package org.understudy.acceptance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the acceptance tests need of this machine. They never pass by being skipped: what is missing is a failure. */
final class Machine {
    /** Program and Debian package; what the lab needs besides, it names itself. */
    private static final Map<String, String> PROGRAMS = new TreeMap<>(Map.of(
            "nbdcopy", "libnbd-bin", "qemu-img", "qemu-utils", "virsh", "libvirt-clients", "ip", "iproute2"));

    private Machine() {}

    static void requireRootAndPrograms() {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new IllegalStateException(
                    "the acceptance tests start libvirt hosts in network namespaces and need root: sudo ./dev test "
                            + "(without root: ./dev check)");
        }
        List<String> missing = PROGRAMS.entrySet().stream().filter(program -> !installed(program.getKey()))
                .map(program -> program.getKey() + " (package " + program.getValue() + ")").toList();
        if (!missing.isEmpty()) {
            throw new IllegalStateException("missing on this machine: " + String.join(", ", missing)
                    + "; ./dev setup installs them");
        }
        if (!Files.exists(repository().resolve("dist/product/built"))) {
            throw new IllegalStateException(
                    "the product is not built: run these tests by ./dev test, or ./dev build once before");
        }
    }

    /** The root of the checkout. */
    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("lab/bin/lab"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    static boolean installed(String program) {
        return Stream.of(System.getenv("PATH").concat(":/usr/sbin:/sbin").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
