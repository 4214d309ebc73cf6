package org.understudy.hypervisor.libvirt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.model.Failure;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;

/**
 * The names of this host's VMs as they were read last, for what people read: calls are asked for by the UUID, which a
 * person finds nowhere, least of all that of a VM of a test. As many as the host has VMs. Safe for threads.
 */
final class MachineNames {
    private static final Pattern BY_ID = Pattern.compile("VM ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

    private volatile Map<String, String> names = Map.of();

    /** All VMs of the host, as they are named now. */
    void are(List<VirtualMachine> machines) {
        Map<String, String> read = new HashMap<>();
        machines.forEach(machine -> read.put(machine.id().toString(), machine.name()));
        names = Map.copyOf(read);
    }

    /** A sentence with the name of each VM that it names by its id; one that nobody has read keeps its id. */
    String in(String sentence) {
        return BY_ID.matcher(sentence).replaceAll(found -> Matcher.quoteReplacement(
                "VM " + names.getOrDefault(found.group(1), found.group(1))));
    }

    /** The same failure, in such sentences. */
    FailureException in(FailureException failure) {
        Failure told = failure.failure();
        String message = in(told.message());
        return message.equals(told.message()) ? failure : FailureException.of(
                told.code(), message, told.recommendedAction()).causedBy(
                        failure.getCause() == null ? failure : failure.getCause());
    }
}
