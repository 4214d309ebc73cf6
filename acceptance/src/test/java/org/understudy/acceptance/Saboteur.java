package org.understudy.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.VaultProcess;

/**
 * Does and undoes {@link Fault}s. A vault is started again behind the next fault, so that an agent may come up or the
 * link go down while it does.
 */
final class Saboteur implements AutoCloseable {
    private final AcceptanceLab world;
    private Optional<FutureTask<Void>> vaultStart = Optional.empty();

    Saboteur(AcceptanceLab world) {
        this.world = world;
    }

    void strike(Fault fault) throws IOException {
        switch (fault.kind()) {
            case SOURCE_AGENT_KILLED -> world.deployment().agent(Lab.STOCKHOLM).kill();
            case TARGET_AGENT_KILLED -> world.deployment().agent(Lab.AMSTERDAM).kill();
            case VAULT_KILLED -> {
                vaultIsBack();
                world.deployment().vault().kill();
            }
            case LINK_CUT -> world.lab().cut();
        }
    }

    /** Undoes it; a vault is still coming up when this returns. */
    void mend(Fault fault, Duration vaultWithin) throws IOException {
        switch (fault.kind()) {
            case SOURCE_AGENT_KILLED -> world.deployment().agent(Lab.STOCKHOLM).start();
            case TARGET_AGENT_KILLED -> world.deployment().agent(Lab.AMSTERDAM).start();
            case VAULT_KILLED -> {
                VaultProcess vault = world.deployment().vault();
                FutureTask<Void> start = new FutureTask<>(() -> {
                    vault.start(vaultWithin);
                    return null;
                });
                vaultStart = Optional.of(start);
                Thread.ofVirtual().name("vault-start").start(start);
            }
            case LINK_CUT -> world.lab().heal();
        }
    }

    /** Whether the vault has answered since it was killed last, if it ever was. */
    boolean vaultAnswers() {
        return vaultStart.map(FutureTask::isDone).orElse(true);
    }

    /** Waits until the vault answers again. */
    void vaultIsBack() throws IOException {
        if (vaultStart.isPresent()) {
            try {
                vaultStart.get().get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the vault started", e);
            } catch (ExecutionException e) {
                throw new IOException("the vault did not start again", e.getCause());
            }
        }
    }

    @Override
    public void close() throws IOException {
        vaultIsBack();
    }
}
