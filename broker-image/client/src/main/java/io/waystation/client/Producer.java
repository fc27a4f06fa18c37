package io.waystation.client;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Publishes to one broker without waiting for each answer: at most [#MAX_PENDING] are outstanding, then publishing
/// waits.
/// Used from one thread.
public final class Producer implements AutoCloseable {
    private static final int MAX_PENDING = 1000;

    private final String address;
    private final NsqConnection connection;
    private final Semaphore room = new Semaphore(MAX_PENDING);
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    public Producer(String address, ClientOptions options) throws IOException {
        this.address = address;
        this.connection = new NsqConnection(address, options, new Answers());
        connection.start();
    }

    /// Sends one message; throws when this or an earlier one failed.
    public void publish(String topic, byte[] body) throws IOException {
        room.acquireUninterruptibly();
        check();
        connection.send("PUB " + topic + "\n", body);
    }

    /// Waits until everything that was sent is acknowledged.
    public void flush() throws IOException {
        room.acquireUninterruptibly(MAX_PENDING);
        room.release(MAX_PENDING);
        check();
    }

    private void check() throws IOException {
        var cause = failure.get();
        if (cause != null) {
            throw new IOException(address + ": " + cause);
        }
    }

    private void fail(String cause) {
        failure.compareAndSet(null, cause);
        // Whoever waits for an answer finds the failure instead.
        room.release(MAX_PENDING);
    }

    @Override
    public void close() {
        connection.close();
    }

    private final class Answers implements NsqConnection.Listener {
        @Override
        public void onMessage(Message message) {
            fail("the broker sent a message to a producer");
        }

        @Override
        public void onResponse(String payload) {
            room.release();
        }

        @Override
        public void onError(String payload) {
            fail(payload);
        }

        @Override
        public void onClosed(String cause) {
            fail(cause);
        }
    }
}
