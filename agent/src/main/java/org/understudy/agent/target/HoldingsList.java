package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldFolder;
import org.understudy.model.RelationshipId;
import org.understudy.replica.Holding;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaSpec;

/**
 * What lies in the folder of replicas and what it takes, of items that ended too. Looking takes long where there are
 * many points, so a list is good for a while: whoever asks later gets it at once, and a newer one is made beside. For
 * any thread.
 */
public final class HoldingsList {
    private static final Logger LOG = LoggerFactory.getLogger(HoldingsList.class);
    private static final Duration GOOD_FOR = Duration.ofMinutes(5);

    private final ReplicaCatalog catalog;
    private final Feeding feeding;
    private final Clock clock;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Optional<CommandOutcome.Holdings> last = Optional.empty();

    HoldingsList(ReplicaCatalog catalog, Feeding feeding, Clock clock) {
        this.catalog = catalog;
        this.feeding = feeding;
        this.clock = clock;
    }

    /** The last list; the first one is waited for. */
    public CommandOutcome.Holdings list() throws IOException {
        Optional<CommandOutcome.Holdings> known = last;
        if (known.isEmpty()) {
            return look();
        }
        boolean old = known.get().at().plus(GOOD_FOR).isBefore(clock.instant());
        if (old && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("holdings").start(this::lookBeside);
        }
        return known.get();
    }

    /** What is removed is not listed any more, though the next look is yet to come. */
    void removed(RelationshipId relationship) {
        last = last.map(known -> new CommandOutcome.Holdings(known.folders().stream()
                .filter(folder -> !folder.removable() || !folder.relationship().equals(Optional.of(relationship)))
                .toList(), known.at()));
    }

    private void lookBeside() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            LOG.warn("folders of replicas were not looked at", e);
        } finally {
            looking.set(false);
        }
    }

    private CommandOutcome.Holdings look() throws IOException {
        List<HeldFolder> folders = new ArrayList<>();
        for (Holding holding : catalog.holdings()) {
            folders.add(told(holding));
        }
        CommandOutcome.Holdings found = new CommandOutcome.Holdings(folders, clock.instant());
        last = Optional.of(found);
        return found;
    }

    private HeldFolder told(Holding holding) throws IOException {
        boolean underItsName = holding.spec().map(spec -> spec.relationship().folderName())
                .filter(name -> name.equals(holding.folder().getFileName().toString())).isPresent();
        return new HeldFolder(holding.folder().toString(), holding.spec().map(ReplicaSpec::item),
                holding.spec().map(ReplicaSpec::generation).orElse(RelationshipId.FIRST),
                holding.spec().map(ReplicaSpec::vmName), holding.spec().map(ReplicaSpec::source), holding.bytes(),
                underItsName, holding.branches(), holding.problem(), fedAt(holding, underItsName),
                holding.kept());
    }

    private Optional<Instant> fedAt(Holding holding, boolean underItsName) throws IOException {
        Optional<Replica> open = underItsName ? holding.spec().map(ReplicaSpec::relationship).flatMap(catalog::find)
                : Optional.empty();
        return open.isPresent() ? feeding.lastFed(open.get()) : Optional.empty();
    }
}
