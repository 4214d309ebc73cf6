package org.understudy.lab.demo;

import org.understudy.api.ProgressView;
import org.understudy.model.ByteCount;

/**
 * What replication moved, by the agents' own counters.
 *
 * @param disks the size of the VM's disks
 * @param initialSent bytes on the wire until the replica could take over
 * @param changed bytes of changed blocks captured after that
 * @param sent bytes on the wire after that
 */
record Traffic(ByteCount disks, ByteCount initialSent, ByteCount changed, ByteCount sent) {
    /**
     * From two looks at the counters, which only grow.
     *
     * @param initial when initial replication was over
     * @param last the last one before the loss
     */
    static Traffic between(ProgressView initial, ProgressView last) {
        return new Traffic(initial.total(), initial.sent(),
                difference(initial.changed(), last.changed()), difference(initial.sent(), last.sent()));
    }

    private static ByteCount difference(ByteCount from, ByteCount to) {
        return new ByteCount(to.bytes() - from.bytes());
    }
}
