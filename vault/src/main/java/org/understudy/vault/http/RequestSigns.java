package org.understudy.vault.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;

/** Tells the door how far a request has come. */
record RequestSigns(Door door) implements Http1ConnectionListener {
    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
        door.begins(connection.remotePeer().address());
    }

    @Override
    public void headers(ConnectionContext connection, Headers headers) {
        door.headEnds(connection.remotePeer().address());
    }
}
