package org.understudy.acceptance;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.api.AuditView;
import org.understudy.api.HostView;
import org.understudy.api.ItemView;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;
import org.understudy.model.LogPosition;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.ReplicationDialer;
import org.understudy.replication.wire.WireLimits;

/** An item's own source, by its own certificate, that says what no agent of the product would. */
final class RogueSource {
    private static final byte DEFINED = 11;

    private final AcceptanceLab lab;
    private final ItemView item;
    private final HostView target;
    private final AgentIdentity identity;

    private RogueSource(AcceptanceLab lab, ItemView item, AgentIdentity identity) {
        this.lab = lab;
        this.item = item;
        this.target = lab.vault().host(item.route().targetHost().name());
        this.identity = identity;
    }

    /** Takes the place of the agent of a lab's source, which must have ended. */
    static RogueSource inPlaceOfTheAgent(AcceptanceLab lab) throws IOException {
        Path folder = lab.lab().host(Lab.STOCKHOLM).outside(AgentProcess.DATA);
        return new RogueSource(lab, lab.item(), new IdentityStore(folder).load().orElseThrow());
    }

    /** Tells a definition for the position after the last and asks that it be acknowledged. */
    void define(String definition) throws IOException {
        try (TargetEnd end = new ReplicationDialer(item.id(), target.id(), target.address(), target.port(),
                identity.tls(), WireLimits.USUAL).dial(item.generation())) {
            LogPosition next = new LogPosition(item.generation(), end.standing().acknowledged().sequence() + 1);
            end.define(next, definition);
            end.acknowledge(next);
        }
    }

    /** Begins to tell a definition of so many bytes. */
    void announce(int bytes) throws IOException {
        try (SSLSocket socket = (SSLSocket) identity.tls().context().getSocketFactory()
                .createSocket(target.address(), target.port())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeByte(DEFINED);
            out.writeInt(bytes);
            out.flush();
            while (socket.getInputStream().read() >= 0) {
                // What it is told is in the audit too.
                continue;
            }
        }
    }

    /** What the audit says of a refusal of this source. */
    AuditView recorded(String what, Predicate<String> details) throws IOException {
        return Await.atMost(AcceptanceLab.SOON).untilPresent(what, () -> lab.vault().audit(100).stream()
                .filter(record -> record.object().filter(it -> it.contains(identity.host().toString())).isPresent())
                .filter(record -> record.details().filter(details).isPresent())
                .findFirst());
    }
}
