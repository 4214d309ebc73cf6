package org.understudy.vault.http;

import io.helidon.http.HttpException;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.api.ApiCodec;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.workflow.sql.DatabaseException;

/**
 * How every error leaves the vault: as JSON with {@code error}, the failure, and the HTTP status that fits its code.
 */
final class ErrorMapping {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapping.class);

    /** Where the kind of the code alone does not tell. */
    private static final Map<FailureCode, Integer> STATUS = Map.of(
            FailureCode.REQUEST_INVALID, 400,
            FailureCode.NOT_AUTHENTICATED, 401,
            FailureCode.NOT_PERMITTED, 403,
            FailureCode.REGISTRATION_KEY_EXPIRED, 403,
            FailureCode.REGISTRATION_KEY_INVALID, 403,
            FailureCode.REGISTRATION_KEY_OF_ANOTHER_VAULT, 403,
            FailureCode.REGISTRATION_KEY_SPENT, 403,
            FailureCode.NOT_FOUND, 404,
            FailureCode.REQUEST_TOO_LARGE, 413,
            FailureCode.BUSY, 429);

    private final Clock clock;

    ErrorMapping(Clock clock) {
        this.clock = clock;
    }

    static Answer answer(Failure failure) {
        return new Answer(status(failure.code()), "application/json",
                Json.write(ApiCodec.mapper(), Map.of("error", failure)));
    }

    static int status(FailureCode code) {
        return STATUS.getOrDefault(code, switch (code.kind()) {
            case CALLER_MISTAKE, NEEDS_OPERATOR -> 409;
            case TRY_AGAIN -> 503;
            case CORRUPT_DATA, DEFECT -> 500;
        });
    }

    /** What a person is told of an exception; a defect is logged here, once, with a number to find it by. */
    Failure failure(RuntimeException e, String request) {
        return switch (e) {
            case FailureException known -> known.failure();
            case HttpException refused when refused.status().code() < 500 ->
                    failure(FailureCode.REQUEST_INVALID, "the request is not understood: " + refused.getMessage());
            case DatabaseException database when database.mayPass() -> {
                LOG.warn("request failed for want of the database request=\"{}\" reason=\"{}\"",
                        request, database.getMessage());
                yield failure(FailureCode.DATABASE_UNREACHABLE, "The vault's database "
                        + database.trouble() + ".");
            }
            // Whoever looked before saw it otherwise; who looks again is told which it is.
            case DatabaseException database when database.breaksReference() -> failure(
                    FailureCode.OPERATION_IN_PROGRESS, "What the request names was deleted, or came into use, by "
                            + "another request just now.");
            case RuntimeException defect -> {
                String number = UUID.randomUUID().toString().substring(0, 8);
                LOG.error("request broke number={} request=\"{}\"", number, request, defect);
                yield failure(FailureCode.INTERNAL_ERROR,
                        "the vault could not answer; its log tells more under number " + number);
            }
        };
    }

    Failure failure(FailureCode code, String message) {
        return new Failure(code, message, code.recommendedAction(), clock.instant());
    }
}
