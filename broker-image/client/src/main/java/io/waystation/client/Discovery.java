package io.waystation.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks for a consumer's brokers again and again and has it connect to those that it does not have: on a virtual
/// thread of its own, one for each lookup, so that a lookup that does not answer keeps nobody from hearing the
/// others. A broker that is no longer named keeps its connection until that breaks.
final class Discovery {
    /// Where addresses come from: a lookup, or a list. Called on the discovery's thread, may block.
    @FunctionalInterface
    interface Source {
        Collection<String> addresses() throws IOException;
    }

    /// Connects to a broker unless it is connected. Called on the discovery's thread, may block.
    @FunctionalInterface
    interface Connector {
        void connect(String address) throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

    private final String name;
    private final Source source;
    private final Connector connector;
    private final PollPause pause;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Semaphore losses = new Semaphore(0);

    /// @param name what the source is, for the log
    Discovery(String name, Source source, Connector connector, PollPause pause) {
        this.name = name;
        this.source = source;
        this.connector = connector;
        this.pause = pause;
    }

    void start() {
        Thread.ofVirtual().name("discovery-" + name).start(this::run);
    }

    /// A connection broke: look again soon. From any thread.
    void onLoss() {
        losses.release();
    }

    /// Ends the thread; it may finish the call that it is in. From any thread.
    void close() {
        closed.countDown();
        losses.release();
    }

    private void run() {
        try {
            boolean goOn = true;
            while (goOn) {
                losses.drainPermits();
                boolean calm = look() && !losses.tryAcquire(pause.regular().toNanos(), TimeUnit.NANOSECONDS);
                if (calm) {
                    pause.reset();
                    goOn = closed.getCount() > 0;
                } else {
                    goOn = !awaitClosed(pause.retry());
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitClosed(Duration timeout) throws InterruptedException {
        return closed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// One look; whether nothing failed.
    private boolean look() {
        Collection<String> addresses;
        try {
            addresses = source.addresses();
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("lookup", name)
                    .addKeyValue("cause", failure.getMessage())
                    .log("lookup failed");
            return false;
        }
        boolean complete = true;
        for (var address : addresses) {
            try {
                connector.connect(address);
            } catch (IOException failure) {
                complete = false;
                LOG.atWarn()
                        .addKeyValue("broker", address)
                        .addKeyValue("cause", failure.getMessage())
                        .log("cannot connect");
            }
        }
        return complete;
    }
}
