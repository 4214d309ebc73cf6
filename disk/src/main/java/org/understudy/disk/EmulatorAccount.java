package org.understudy.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The account as which a host's emulator (QEMU) runs its VMs, by numbers: what is shared with VMs is shared with it and
 * with nobody else. On Debian and Ubuntu it is that of {@code libvirt-qemu}; it is asked for, never assumed.
 */
public record EmulatorAccount(int uid, int gid) {
    private static final Pattern LABEL = Pattern.compile("\\+?(\\d{1,10}):\\+?(\\d{1,10})");

    public EmulatorAccount {
        if (uid < 0 || gid < 0) {
            throw new IllegalArgumentException("no account has the numbers " + uid + " and " + gid);
        }
    }

    /** That of this process, for where VMs and agent are of one user. */
    public static EmulatorAccount own() throws IOException {
        Map<String, Object> self = Files.readAttributes(Path.of("/proc/self"), "unix:uid,gid");
        return new EmulatorAccount((Integer) self.get("uid"), (Integer) self.get("gid"));
    }

    /** Reads {@code +64055:+107}, as libvirt writes it; empty when the account is given by names. */
    public static Optional<EmulatorAccount> ofLabel(String label) {
        Matcher numbers = LABEL.matcher(label.strip());
        if (!numbers.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new EmulatorAccount(
                    Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2))));
        } catch (NumberFormatException beyondWhatWeKeep) {
            return Optional.empty();
        }
    }
}
