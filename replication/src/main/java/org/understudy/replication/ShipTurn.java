package org.understudy.replication;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.ShippingPlan.CatchUp;
import org.understudy.replication.ShippingPlan.Compare;
import org.understudy.replication.ShippingPlan.Foreign;
import org.understudy.replication.ShippingPlan.GoBack;
import org.understudy.replication.ShippingPlan.Reason;
import org.understudy.replication.ShippingPlan.Ship;
import org.understudy.replication.ShippingPlan.UpToDate;

/**
 * The shipping loop's turn: connect when there is no session, else one position, oldest first. Everything that a lost
 * session leaves behind is asked anew from both ends, so that only what is not durable at the target is sent.
 */
final class ShipTurn implements LoopTurn {
    /** How soon a session that died while nothing was to be shipped is noticed. */
    private static final Duration IDLE_LOOK = Duration.ofSeconds(1);
    /**
     * How often a position is sent again that the target found damaged. What was damaged in its memory or on its disk,
     * or was left there by an older capture, it has dropped, so that one more time is enough; what arrives damaged ever
     * again lies damaged at the source: it is captured again, once, and then it is no log that is at fault.
     */
    static final int DAMAGED_SENT_AGAIN_MAX = 3;

    private final DriverFacts facts;
    private final SourceEnd source;
    private final TargetDialer dialer;
    private Optional<TargetStanding> lastGreeting = Optional.empty();
    /** The definition that was told last in this session. */
    private Optional<String> told = Optional.empty();
    /** The machine state that the target has, as far as is known in this session. */
    private Optional<StateDigest> toldState = Optional.empty();
    private boolean unreachable;
    private int foundDamaged;
    private boolean damageIsTheTargets;
    private boolean captureAgain;
    private boolean capturedAgain;

    ShipTurn(DriverFacts facts, SourceEnd source, TargetDialer dialer) {
        this.facts = facts;
        this.source = source;
        this.dialer = dialer;
    }

    @Override
    public Duration take(DriverLoop loop) throws IOException {
        damageIsTheTargets = false;
        TargetEnd target = facts.session().isPresent() ? facts.session().get() : dial(loop);
        TargetStanding held = target.standing();
        SourceStanding standing = facts.note(SourceFailure.guard("telling its standing", source::standing));
        ShippingPlan plan = captureAgain
                ? new GoBack(held.acknowledged(), Reason.LOGS_DAMAGED)
                : ReplicationPlanner.planShipping(standing, held);
        if (!(plan instanceof GoBack || plan instanceof Foreign)) {
            source.met();
        }
        return switch (plan) {
            case UpToDate _ -> {
                loop.succeeded();
                yield IDLE_LOOK;
            }
            case CatchUp(LogPosition to) -> {
                believe(to);
                yield Duration.ZERO;
            }
            case Ship(List<LogPosition> positions) -> {
                ship(positions.getFirst(), target, loop);
                yield Duration.ZERO;
            }
            case GoBack(LogPosition to, Reason reason) -> {
                goBack(to, reason, target);
                yield Duration.ZERO;
            }
            case Compare(HashRequest request) -> compare(request, target, loop);
            case Foreign foreign -> throw foreign.asFailure();
        };
    }

    private Duration compare(HashRequest request, TargetEnd target, DriverLoop loop) throws IOException {
        HashAnswer answer = target.hashes(request);
        SourceFailure.guard("noting what the target holds", () -> {
            source.compared(request, answer);
            return request;
        });
        loop.succeeded();
        facts.compared(SourceFailure.guard("telling its standing", source::standing));
        return switch (answer) {
            case HashAnswer.Hashes _, HashAnswer.NeverHeardOf _ -> Duration.ZERO;
            case HashAnswer.NotNow _ -> IDLE_LOOK;
        };
    }

    /** First the source, then the target: a crash between leaves a standing that is planned for as this one was. */
    private void goBack(LogPosition to, Reason reason, TargetEnd target) throws IOException {
        SourceFailure.guard("going on from another position", () -> {
            source.goBackTo(to, reason.text());
            return to;
        });
        if (target.standing().wholeUpTo().isPresent()) {
            target.goBackTo(to);
        }
        // What was told of positions that are given up is told again, of those that take their place.
        told = Optional.empty();
        toldState = Optional.empty();
        captureAgain = false;
        facts.wentBack(SourceFailure.guard("telling its standing", source::standing));
    }

    private TargetEnd dial(DriverLoop loop) throws IOException {
        SourceStanding standing = SourceFailure.guard("telling its standing", source::standing);
        TargetEnd target = open(standing.generation());
        facts.opened(target);
        told = Optional.empty();
        toldState = target.keptState();
        TargetStanding greeting = target.standing();
        // A link that breaks ever again before a segment is through still gets on: its pauses begin anew.
        if (lastGreeting.isPresent() && greeting.isBeyond(lastGreeting.get())) {
            loop.succeeded();
        }
        lastGreeting = Optional.of(greeting);
        return target;
    }

    private TargetEnd open(long generation) throws IOException {
        unreachable = false;
        try {
            return dialer.dial(generation);
        } catch (ConnectException e) {
            unreachable = true;
            throw e;
        }
    }

    private void ship(LogPosition position, TargetEnd target, DriverLoop loop) throws IOException {
        TargetStanding held = target.standing();
        for (Segment segment : SourceFailure.guard("listing segments", () -> source.segments(position))) {
            // Who claims to hold more of it than there is gets all of it anew.
            long claimed = held.held(segment).bytes();
            long from = claimed > segment.length().bytes() ? 0 : claimed;
            atTarget(() -> target.ship(segment, from));
            loop.succeeded();
        }
        String definition = SourceFailure.guard(
                "telling the machine's definition", () -> source.machineDefinition(position));
        if (!told.equals(Optional.of(definition))) {
            atTarget(() -> target.define(position, definition));
            told = Optional.of(definition);
        }
        keepState(position, target);
        atTarget(() -> target.acknowledge(position));
        foundDamaged = 0;
        capturedAgain = false;
        believe(position);
    }

    /** Notes whether it is the target that finds a segment damaged; the source's own logs may be, too. */
    private void atTarget(TargetCall call) throws IOException {
        try {
            call.run();
        } catch (FailureException e) {
            damageIsTheTargets = e.failure().code() == FailureCode.CHANGE_LOG_CORRUPT;
            throw e;
        }
    }

    private void keepState(LogPosition position, TargetEnd target) throws IOException {
        Optional<MachineState> another = SourceFailure.guard(
                "telling the machine's state", () -> source.machineState(position, toldState));
        if (another.isPresent()) {
            atTarget(() -> target.keep(position, another.get()));
            toldState = Optional.of(another.get().digest());
        }
    }

    private void believe(LogPosition position) throws IOException {
        SourceFailure.guard("recording an acknowledgement", () -> {
            source.acknowledged(position);
            return position;
        });
        facts.acknowledged(position, SourceFailure.guard("telling its standing", source::standing));
    }

    @Override
    public Failure failureOf(IOException e) {
        return FailureException.of(FailureCode.LINK_LOST,
                "The link to the target was lost: " + SourceFailure.describe(e)).failure();
    }

    /** Counted here and not by the loop, to which the segments of other disks that get through are a success. */
    @Override
    public boolean triesAgain(Failure failure) {
        if (!damageIsTheTargets) {
            // The source's own logs: its standing tells what was lost, and the next turn plans for that.
            return failure.code() == FailureCode.CHANGE_LOG_CORRUPT || LoopTurn.super.triesAgain(failure);
        }
        foundDamaged++;
        if (foundDamaged <= DAMAGED_SENT_AGAIN_MAX) {
            return true;
        }
        foundDamaged = 0;
        captureAgain = !capturedAgain;
        capturedAgain = captureAgain;
        return captureAgain;
    }

    @Override
    public void letGo() {
        facts.closeSession();
    }

    /**
     * Only a link that was seen dead and answers again is worth an attempt: a target that answers all the time and
     * refuses is left alone until the pause is over.
     */
    @Override
    public boolean recovered(Failure failure) {
        if (failure.code() != FailureCode.LINK_LOST) {
            return false;
        }
        boolean reachable = dialer.reachable();
        boolean back = reachable && unreachable;
        unreachable = !reachable;
        return back;
    }

    /** A call of the target's end. */
    @FunctionalInterface
    private interface TargetCall {
        void run() throws IOException;
    }
}
