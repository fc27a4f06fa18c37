package io.waystation.broker.net;

import io.waystation.broker.auth.AuthServers;
import java.util.concurrent.atomic.LongAdder;

/// What all connections that ask auth servers share: the servers, whose turn it is to ask, and the bytes of their
/// secrets, each as long as a body may be. Safe from any thread: its parts are.
final class Questions {
    /// One takes two sockets and an answer of up to 1 MiB.
    static final int MAX_AT_ONCE = 64;

    private final AuthServers servers;
    private final Turns turns;
    private final Room secrets;
    private final LongAdder givenUp = new LongAdder();

    /// @param secretBytes of questions that wait, are under way or may be asked again
    Questions(AuthServers servers, long secretBytes) {
        this.servers = servers;
        this.turns = new Turns("questions to auth servers", MAX_AT_ONCE);
        this.secrets = new Room(secretBytes);
    }

    AuthServers servers() {
        return servers;
    }

    Turns turns() {
        return turns;
    }

    Room secrets() {
        return secrets;
    }

    /// One is answered as if no server had been there.
    void onGivenUp() {
        givenUp.increment();
    }

    long givenUpCount() {
        return givenUp.sum();
    }
}
