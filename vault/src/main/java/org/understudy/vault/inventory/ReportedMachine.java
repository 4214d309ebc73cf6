package org.understudy.vault.inventory;

import java.time.Instant;
import org.understudy.model.HostId;
import org.understudy.model.VirtualMachine;

/** A VM as its host reported it last. */
public record ReportedMachine(HostId host, VirtualMachine machine, Instant reportedAt) {}
