package io.waystation.broker.net;

/// What an IDENTIFY puts between a socket and its connection. Immutable.
record Layers(boolean tls) {
    static final Layers NONE = new Layers(false);
}
