package io.waystation.broker.transcript;

import java.io.IOException;
import java.util.List;

/// One side of a conversation in a transcript: does what a line says and adds to the outcome what came back.
interface Peer extends AutoCloseable {
    void send(String line, List<String> outcome) throws IOException;

    /// Reads whatever comes until it is certain that nothing more comes.
    void finish(List<String> outcome) throws IOException;

    @Override
    void close() throws IOException;
}
