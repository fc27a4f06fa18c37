package io.waystation.client;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Publishes to one broker without waiting for each answer: at most [#MAX_PENDING] are outstanding, then
/// publishing waits. The first failure is final, because what was sent after it is in doubt; whoever wants to go
/// on makes a new producer.
///
/// Safe from any thread: what is shared is guarded by a lock. Messages of one thread are stored in their order.
/// The broker's answers are counted on the connection's reading thread.
public final class Producer implements AutoCloseable {
    private static final int MAX_PENDING = 1000;
    private static final Duration CAUSE_TIMEOUT = Duration.ofSeconds(1);

    private final String address;
    private final Duration answerTimeout;
    private final NsqConnection connection;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    // Guarded by the lock: acknowledged <= sent <= acknowledged + MAX_PENDING
    private long sent;
    private long acknowledged;
    private @Nullable String failure;

    /// Connects; blocks for it. Throws an [IllegalArgumentException] when address or options are not valid.
    ///
    /// @param answerTimeout how long an acknowledgement may take
    public Producer(String address, ClientOptions options, Duration answerTimeout) throws IOException {
        options.check();
        this.address = address;
        this.answerTimeout = answerTimeout;
        this.connection = new NsqConnection(BrokerAddress.parse(address), options, new Answers());
        connection.start();
    }

    public String address() {
        return address;
    }

    /// Sends one message; throws when this or an earlier one failed.
    public void publish(String topic, byte[] body) throws IOException {
        Consumer.valid("topic", topic);
        lock.lock();
        try {
            awaitPending(MAX_PENDING - 1, answerTimeout);
            sent++;
        } finally {
            lock.unlock();
        }
        try {
            connection.send("PUB " + topic + "\n", body);
        } catch (IOException lost) {
            awaitCause();
            fail(String.valueOf(lost.getMessage()));
            check();
        }
    }

    /// A broker that refuses a message says why and closes; the writer may find the connection closed before the
    /// reader has come to the reason.
    private void awaitCause() {
        lock.lock();
        try {
            long leftNs = CAUSE_TIMEOUT.toNanos();
            while (failure == null && leftNs > 0) {
                leftNs = answered.awaitNanos(leftNs);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until everything that was sent is acknowledged.
    public void flush() throws IOException {
        flush(answerTimeout);
    }

    /// The same, for another time at most.
    public void flush(Duration timeout) throws IOException {
        lock.lock();
        try {
            awaitPending(0, timeout);
        } finally {
            lock.unlock();
        }
    }

    /// How many messages the broker has acknowledged.
    public long acknowledged() {
        lock.lock();
        try {
            return acknowledged;
        } finally {
            lock.unlock();
        }
    }

    private void awaitPending(int most, Duration timeout) throws IOException {
        long leftNs = timeout.toNanos();
        try {
            while (failure == null && sent - acknowledged > most) {
                if (leftNs <= 0) {
                    fail("no answer for " + timeout.toMillis() + "ms");
                } else {
                    leftNs = answered.awaitNanos(leftNs);
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        }
        check();
    }

    private void check() throws IOException {
        lock.lock();
        try {
            if (failure != null) {
                throw new IOException(address + ": " + failure);
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(String cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Closes the connection; what was not acknowledged may or may not be stored.
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
            lock.lock();
            try {
                if (failure == null) {
                    acknowledged++;
                    answered.signalAll();
                }
            } finally {
                lock.unlock();
            }
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
