package io.waystation.broker;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;

/// A running daemon under test: our broker, or the real nsqd.
public interface TestDaemon extends AutoCloseable {
    int port();

    int httpPort();

    @Override
    void close() throws IOException;

    /// Starts a fresh daemon on free ports of 127.0.0.1, the given flags after its own.
    @FunctionalInterface
    interface Start {
        TestDaemon start(Path data, String... flags) throws IOException, UsageException;
    }
}
