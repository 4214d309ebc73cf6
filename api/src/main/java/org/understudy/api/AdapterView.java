package org.understudy.api;

import java.util.Optional;

/** An adapter of a protected VM and where it goes after a failover; without a target network to nothing (N-08). */
public record AdapterView(
        int index, String macAddress, Optional<String> sourceNetwork, Optional<String> sourceSubnet,
        Optional<String> targetNetwork, Optional<String> targetSubnet) {}
