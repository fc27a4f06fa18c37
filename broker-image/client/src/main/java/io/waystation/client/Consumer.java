package io.waystation.client;

import io.waystation.wire.Names;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one channel of one topic from all brokers that have it: those that lookups name, or given ones. Lost
/// brokers are connected again. At least once: a message whose handler fails, or whose connection breaks, comes
/// again.
///
/// Threads. [#start] and [#close] are for the owner, from any thread but the handler's. The handler runs on one
/// thread, one message at a time. Besides, each connection is read by a thread, each lookup is polled by one, and
/// one moves the RDY counts when time does. All that they share is guarded by one lock, under which nobody waits
/// for a broker's answer or for the handler.
public final class Consumer implements AutoCloseable {
    /// What becomes of a message that was handled.
    public enum Outcome {
        /// It is done.
        FINISH,
        /// Not for this consumer: it goes back to its channel at once. This is no failure, so it begins no
        /// backoff.
        REQUEUE
    }

    /// Handles messages.
    @FunctionalInterface
    public interface Handler {
        /// What it throws is logged, sends the message back with a delay, and begins a backoff.
        Outcome handle(Message message) throws Exception;
    }

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(3);
    private static final Logger LOG = LoggerFactory.getLogger(Consumer.class);

    private final String topic;
    private final String channel;
    private final ClientOptions options;
    private final Sources sources;
    private final List<Discovery> discoveries = new ArrayList<>();
    private final HandlerThread handling;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock:
    private final Map<String, Feed> feeds = new HashMap<>();
    private final Set<String> connecting = new HashSet<>();
    private final ReadyShares shares;
    private boolean closing;

    /// Throws an [IllegalArgumentException] when a name or an option is not valid.
    public Consumer(String topic, String channel, ClientOptions options, Sources sources, Handler handler) {
        this.topic = valid("topic", topic);
        this.channel = valid("channel", channel);
        options.check();
        this.options = options;
        this.sources = sources;
        this.handling = new HandlerThread(options, handler, new Progress());
        this.shares = new ReadyShares(
                options,
                new Backoff(
                        options.backoffStrategy(),
                        options.backoffMultiplier(),
                        options.maxBackoffDuration(),
                        new SplittableRandom()));
        if (!sources.brokers().isEmpty()) {
            discoveries.add(new Discovery("brokers", sources::brokers, this::connect, pause()));
        }
        var http = lookupCalls(options);
        for (var lookup : sources.lookups()) {
            discoveries.add(
                    new Discovery(lookup, () -> http.producers(lookup, topic, "tcp_port"), this::connect, pause()));
        }
    }

    private static HttpCalls lookupCalls(ClientOptions options) {
        var calls = new HttpCalls(options.dialTimeout(), options.lookupdPollTimeout());
        boolean told = options.tellsLookupsSecret() && !options.authSecret().isEmpty();
        return told ? calls.withBearer(options.authSecret()) : calls;
    }

    /// A name that brokers accept; throws when it is none.
    static String valid(String what, String name) {
        if (!Names.isValid(name)) {
            throw new IllegalArgumentException(
                    what + " name '" + name + "' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)");
        }
        return name;
    }

    private PollPause pause() {
        return new PollPause(options.lookupdPollInterval(), options.lookupdPollJitter(), new SplittableRandom());
    }

    /// Begins to connect and to deliver. Throws when brokers are given and none of them can be reached; lookups
    /// may come up later.
    public void start() throws IOException {
        handling.start("handler-" + topic);
        Thread.ofVirtual().name("shares-" + topic).start(this::keepShares);
        connectToGiven();
        discoveries.forEach(Discovery::start);
    }

    private void connectToGiven() throws IOException {
        var failures = new ArrayList<String>();
        for (var address : sources.brokers()) {
            try {
                connect(address);
            } catch (IOException failure) {
                failures.add(address + ": " + failure.getMessage());
            }
        }
        if (!failures.isEmpty() && failures.size() == sources.brokers().size()) {
            close();
            throw new IOException("cannot connect to " + String.join(", ", failures));
        }
    }

    private void connect(String address) throws IOException {
        lock.lock();
        try {
            if (closing || feeds.containsKey(address) || !connecting.add(address)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            begin(new Feed(address, topic, channel, options, this));
        } finally {
            lock.lock();
            try {
                connecting.remove(address);
            } finally {
                lock.unlock();
            }
        }
    }

    private void begin(Feed feed) {
        lock.lock();
        try {
            if (closing) {
                feed.close();
                return;
            }
            feeds.put(feed.address(), feed);
            shares.add(feed, System.nanoTime());
        } finally {
            lock.unlock();
        }
        feed.start();
    }

    /// Moves RDY counts when a backoff ends or a turn is over.
    private void keepShares() {
        long intervalNs = options.rdyRedistributeInterval().toNanos();
        lock.lock();
        try {
            while (!closing) {
                long nowNs = System.nanoTime();
                shares.rebalance(nowNs);
                long backoffNs = shares.backoffRemainingNs(nowNs);
                changed.awaitNanos(backoffNs > 0 ? Math.min(backoffNs, intervalNs) : intervalNs);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Moves the RDY counts after a message, on the handler's thread.
    private final class Progress implements HandlerThread.Listener {
        @Override
        public void onFinished(Feed feed) {
            settle(() -> shares.onFinished(feed, System.nanoTime()));
        }

        @Override
        public void onReturned(Feed feed) {
            settle(() -> shares.onReturned(feed, System.nanoTime()));
        }

        @Override
        public void onFailed(Feed feed) {
            settle(() -> {
                shares.onFailed(feed, System.nanoTime());
                changed.signal();
            });
        }
    }

    private void settle(Runnable change) {
        lock.lock();
        try {
            if (!closing) {
                change.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /// On the connection's reading thread, which waits here while too much is in flight.
    void onMessage(Feed feed, Message message) {
        lock.lock();
        try {
            shares.onMessage(feed, System.nanoTime());
        } finally {
            lock.unlock();
        }
        try {
            handling.handle(feed, message);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /// On the connection's reading thread.
    void onLost(Feed feed, String cause) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            feeds.remove(feed.address(), feed);
            shares.remove(feed, System.nanoTime());
        } finally {
            lock.unlock();
        }
        LOG.atWarn()
                .addKeyValue("broker", feed.address())
                .addKeyValue("cause", cause)
                .log("connection lost");
        discoveries.forEach(Discovery::onLoss);
    }

    /// Takes nothing new, has the handler do what is here, closes the connections; what is not done by then goes
    /// back to the channel. Ends within [#STOP_TIMEOUT] and [#DRAIN_TIMEOUT].
    @Override
    public void close() {
        List<Feed> open;
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            changed.signal();
            open = List.copyOf(feeds.values());
        } finally {
            lock.unlock();
        }
        discoveries.forEach(Discovery::close);
        open.forEach(Feed::stop);
        try {
            drain(open);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        open.forEach(Feed::close);
        handling.close();
    }

    private void drain(List<Feed> open) throws InterruptedException {
        long stopAtNs = System.nanoTime() + STOP_TIMEOUT.toNanos();
        for (var feed : open) {
            feed.awaitStopped(stopAtNs - System.nanoTime());
        }
        if (!handling.drain(DRAIN_TIMEOUT)) {
            LOG.warn("messages were still being handled at the end; they will come again");
        }
    }
}
