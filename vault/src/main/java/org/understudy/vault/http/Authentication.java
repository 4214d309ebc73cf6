package org.understudy.vault.http;

import java.util.Optional;

/** Who a bearer token belongs to; what this package needs of those who keep tokens. */
public interface Authentication {
    Optional<Caller> caller(String token);
}
