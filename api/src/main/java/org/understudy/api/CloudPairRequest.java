package org.understudy.api;

import java.util.Optional;

/**
 * Pairs two clouds, named by name or id.
 *
 * @param name of the pair; left out it is {@code source-to-target}
 */
public record CloudPairRequest(Optional<String> name, String source, String target, String policy) {}
