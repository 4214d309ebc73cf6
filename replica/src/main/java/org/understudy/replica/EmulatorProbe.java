package org.understudy.replica;

import java.io.IOException;
import org.understudy.disk.EmulatorAccount;

/** Tells as which account this host's emulator runs; asked whenever folders are made that a VM needs to reach. */
@FunctionalInterface
public interface EmulatorProbe {
    EmulatorAccount ask() throws IOException;
}
