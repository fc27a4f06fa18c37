package io.waystation.broker.net;

/// What an IDENTIFY puts between a socket and its connection. Immutable.
///
/// @param deflateLevel 0: no deflate
record Layers(boolean tls, boolean snappy, int deflateLevel) {
    static final Layers NONE = new Layers(false, false, 0);

    boolean deflate() {
        return deflateLevel > 0;
    }
}
