package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;

/**
 * How far the disks of a committed VM are its own.
 *
 * @param words what is done just now, or stands in the way: the rest of a sentence, for people
 * @param disk on which a job works; empty while none does
 * @param done bytes of that disk, of {@code total}, as its hypervisor counts them
 * @param left disks that are not the VM's own yet, this one among them
 */
public record HandOverProgress(String words, Optional<DiskName> disk, ByteCount done, ByteCount total, int left) {
    public HandOverProgress {
        Objects.requireNonNull(words, "words");
        disk = Objects.requireNonNullElse(disk, Optional.empty());
        done = Objects.requireNonNullElse(done, ByteCount.ZERO);
        total = Objects.requireNonNullElse(total, ByteCount.ZERO);
    }

    /** While no job works. */
    public HandOverProgress(String words, int left) {
        this(words, Optional.empty(), ByteCount.ZERO, ByteCount.ZERO, left);
    }

    /** Of the disk at work, 0 to 100. */
    @JsonIgnore
    public long percent() {
        return total.bytes() == 0 ? 0 : Math.min(100, (long) Math.floor(done.bytes() * 100.0 / total.bytes()));
    }
}
