package io.waystation.broker.transcript;

import io.waystation.broker.AuthServer;
import java.util.List;

/// The auth server's side of a transcript: each line is what it answers from then on, `200 {"ttl":3600,...}`. The
/// outcome
/// is what it was asked.
final class AuthPeer implements Peer {
    private final AuthServer server;
    private final int askedBefore;

    AuthPeer(AuthServer server) {
        this.server = server;
        this.askedBefore = server.requests().size();
    }

    @Override
    public void send(String line, List<String> outcome) {
        int blank = line.indexOf(' ');
        server.status(Integer.parseInt(line.substring(0, blank)));
        server.answer(line.substring(blank + 1));
    }

    @Override
    public void finish(List<String> outcome) {
        var requests = server.requests();
        outcome.addAll(requests.subList(askedBefore, requests.size()));
    }

    @Override
    public void close() {
        // The next conversation asks the same server.
    }
}
