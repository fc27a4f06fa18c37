package io.waystation.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one channel of one topic from all brokers that have it: those that lookups name, or given ones. Messages go to
/// one
/// handler, one at a time; returning finishes a message, throwing requeues it.
///
/// Threads: each connection reads on its own and queues what comes; one thread handles; one keeps the connections. The
/// connections are guarded by `this`; the queue holds at most the messages in flight.
public final class Consumer implements AutoCloseable {
    /// Handles a message; what it throws sends the message back to its channel.
    @FunctionalInterface
    public interface Handler {
        void handle(Message message) throws IOException;
    }

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RECONNECT_INTERVAL = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Consumer.class);

    private final String topic;
    private final String channel;
    private final ClientOptions options;
    private final HttpCalls http;
    private final List<String> brokers;
    private final List<String> lookups;
    private final Handler handler;
    private final Map<String, Feed> feeds = new HashMap<>();
    private final BlockingQueue<Delivery> deliveries;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final SplittableRandom random = new SplittableRandom();
    private volatile boolean closing;

    private record Delivery(Feed feed, Message message) {}

    public Consumer(
            String topic,
            String channel,
            ClientOptions options,
            HttpCalls http,
            List<String> brokers,
            List<String> lookups,
            Handler handler) {
        this.topic = topic;
        this.channel = channel;
        this.options = options;
        this.http = http;
        this.brokers = brokers;
        this.lookups = lookups;
        this.handler = handler;
        this.deliveries = new ArrayBlockingQueue<>(Math.max(2 * options.maxInFlight(), 16));
    }

    /// Begins to connect and to deliver.
    public void start() {
        Thread.ofVirtual().name("consumer-" + topic).start(this::keepConnections);
        Thread.ofVirtual().name("handler-" + topic).start(this::handleAll);
    }

    private void keepConnections() {
        var interval = lookups.isEmpty() ? RECONNECT_INTERVAL : options.lookupdPollInterval();
        try {
            while (!closing) {
                for (var address : addresses()) {
                    connect(address);
                }
                boolean connected;
                synchronized (this) {
                    connected = !feeds.isEmpty();
                }
                // Without any connection it is worth asking again soon, whatever the poll interval.
                var pause = connected ? jittered(interval) : RECONNECT_INTERVAL;
                if (stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration jittered(Duration interval) {
        return interval.plusMillis((long) (interval.toMillis() * options.lookupdPollJitter() * random.nextDouble()));
    }

    private Set<String> addresses() {
        var addresses = new TreeSet<>(brokers);
        for (var lookup : lookups) {
            try {
                addresses.addAll(http.producers(lookup, topic, "tcp_port"));
            } catch (IOException failure) {
                LOG.atWarn()
                        .addKeyValue("lookup", lookup)
                        .addKeyValue("cause", failure.getMessage())
                        .log("lookup failed");
            }
        }
        return addresses;
    }

    private void connect(String address) {
        synchronized (this) {
            if (feeds.containsKey(address) || closing) {
                return;
            }
        }
        try {
            var feed = new Feed(address);
            synchronized (this) {
                feeds.put(address, feed);
            }
            feed.begin();
            distributeReady();
        } catch (IOException failure) {
            synchronized (this) {
                feeds.remove(address);
            }
            LOG.atWarn()
                    .addKeyValue("broker", address)
                    .addKeyValue("cause", failure.getMessage())
                    .log("cannot connect");
        }
    }

    /// Shares the messages in flight among the connections. With fewer than connections, some get none for now.
    private synchronized void distributeReady() {
        int count = feeds.size();
        int left = options.maxInFlight();
        int share = count == 0 ? 0 : Math.max(options.maxInFlight() / count, 1);
        for (var feed : feeds.values()) {
            int ready = Math.min(share, left);
            left -= ready;
            feed.ready(ready);
        }
    }

    private void handleAll() {
        try {
            while (!closing || !deliveries.isEmpty()) {
                var delivery = deliveries.poll(100, TimeUnit.MILLISECONDS);
                if (delivery != null) {
                    handle(delivery);
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            stopped.countDown();
        }
    }

    private void handle(Delivery delivery) {
        var message = delivery.message();
        try {
            if (options.maxAttempts() == 0 || message.attempts() <= options.maxAttempts()) {
                handler.handle(message);
            } else {
                LOG.atWarn()
                        .addKeyValue("id", message.id())
                        .addKeyValue("attempts", message.attempts())
                        .log("given up");
            }
            delivery.feed().send("FIN " + message.id() + "\n");
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("id", message.id())
                    .addKeyValue("cause", failure.getMessage())
                    .log("requeued");
            delivery.feed()
                    .send("REQ " + message.id() + " "
                            + options.defaultRequeueDelay().toMillis() + "\n");
        }
    }

    /// Takes nothing new, finishes what is here, closes the connections.
    @Override
    public void close() {
        List<Feed> open;
        synchronized (this) {
            closing = true;
            open = new ArrayList<>(feeds.values());
        }
        for (var feed : open) {
            feed.send("CLS\n");
        }
        for (var feed : open) {
            feed.awaitCloseWait();
        }
        try {
            if (!stopped.await(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("messages were still being handled at the end; they will come again");
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        for (var feed : open) {
            feed.close();
        }
    }

    /// One broker's part of the channel.
    private final class Feed implements NsqConnection.Listener {
        private final String address;
        private final NsqConnection connection;
        private final CountDownLatch closeWait = new CountDownLatch(1);

        Feed(String address) throws IOException {
            this.address = address;
            this.connection = new NsqConnection(address, options, this);
        }

        void begin() throws IOException {
            connection.send("SUB " + topic + " " + channel + "\n");
            connection.start();
        }

        void ready(int count) {
            send("RDY " + count + "\n");
        }

        void send(String line) {
            try {
                connection.send(line);
            } catch (IOException gone) {
                LOG.atDebug()
                        .addKeyValue("broker", address)
                        .addKeyValue("cause", gone.getMessage())
                        .log("not sent");
            }
        }

        void awaitCloseWait() {
            try {
                if (!closeWait.await(1, TimeUnit.SECONDS)) {
                    LOG.atDebug().addKeyValue("broker", address).log("no answer to CLS");
                }
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }

        void close() {
            connection.close();
        }

        @Override
        public void onMessage(Message message) {
            try {
                deliveries.put(new Delivery(this, message));
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onResponse(String payload) {
            if (payload.equals("CLOSE_WAIT")) {
                closeWait.countDown();
            }
        }

        @Override
        public void onError(String payload) {
            LOG.atWarn()
                    .addKeyValue("broker", address)
                    .addKeyValue("error", payload)
                    .log("broker reported an error");
        }

        @Override
        public void onClosed(String cause) {
            closeWait.countDown();
            synchronized (Consumer.this) {
                feeds.remove(address, this);
            }
            if (!closing) {
                LOG.atWarn()
                        .addKeyValue("broker", address)
                        .addKeyValue("cause", cause)
                        .log("connection lost");
                distributeReady();
            }
        }
    }
}
