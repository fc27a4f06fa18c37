package io.waystation.client;

import io.waystation.client.Consumer.Handler;
import io.waystation.client.Consumer.Outcome;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread on which a consumer's handler runs, one message at a time, and what waits for it. Safe from any
/// thread: work goes through a queue.
final class HandlerThread {
    /// Hears what became of each message, on the handler's thread.
    interface Listener {
        void onFinished(Feed feed);

        /// It went back to its channel, which says nothing about the handler.
        void onReturned(Feed feed);

        void onFailed(Feed feed);
    }

    private static final Logger LOG = LoggerFactory.getLogger(HandlerThread.class);

    private final ClientOptions options;
    private final Handler handler;
    private final Listener listener;
    /// Holds no more than may be in flight; whoever has more waits.
    private final BlockingQueue<Runnable> work;

    private final CountDownLatch ended = new CountDownLatch(1);

    HandlerThread(ClientOptions options, Handler handler, Listener listener) {
        this.options = options;
        this.handler = handler;
        this.listener = listener;
        this.work = new LinkedBlockingQueue<>(Math.max(options.maxInFlight(), 1));
    }

    void start(String name) {
        Thread.ofVirtual().name(name).start(this::run);
    }

    private void run() {
        try {
            while (ended.getCount() > 0) {
                work.take().run();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /// Has a message handled after those that came before; waits while too many are in flight.
    void handle(Feed feed, Message message) throws InterruptedException {
        work.put(() -> onMessage(feed, message));
    }

    private void onMessage(Feed feed, Message message) {
        if (feed.isGone()) {
            return;
        }
        try {
            if (outcome(message) == Outcome.FINISH) {
                feed.finish(message);
                listener.onFinished(feed);
            } else {
                feed.requeue(message, 0);
                listener.onReturned(feed);
            }
        } catch (Exception failure) {
            LOG.atWarn()
                    .addKeyValue("id", message.id())
                    .addKeyValue("attempts", message.attempts())
                    .addKeyValue("cause", failure.toString())
                    .log("handling failed, message requeued");
            // The listener lowers the RDY counts first, else the message comes back before the backoff has begun.
            listener.onFailed(feed);
            feed.requeue(message, requeueDelay(message).toMillis());
        }
    }

    private Outcome outcome(Message message) throws Exception {
        if (options.maxAttempts() > 0 && message.attempts() > options.maxAttempts()) {
            LOG.atWarn()
                    .addKeyValue("id", message.id())
                    .addKeyValue("attempts", message.attempts())
                    .log("message given up");
            return Outcome.FINISH;
        }
        return handler.handle(message);
    }

    private Duration requeueDelay(Message message) {
        var delay = options.defaultRequeueDelay().multipliedBy(message.attempts());
        return delay.compareTo(options.maxRequeueDelay()) < 0 ? delay : options.maxRequeueDelay();
    }

    /// Waits until all that came before is handled; whether it was in time.
    boolean drain(Duration timeout) throws InterruptedException {
        long endNs = System.nanoTime() + timeout.toNanos();
        return work.offer(ended::countDown, timeout.toNanos(), TimeUnit.NANOSECONDS)
                && ended.await(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /// Ends the thread after what it is doing, whatever still waits.
    void close() {
        while (ended.getCount() > 0 && !work.offer(ended::countDown)) {
            work.poll();
        }
    }
}
