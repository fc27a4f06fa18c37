package io.waystation.tools;

import io.waystation.client.Producer;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// `to_nsq`: publishes what comes on stdin, a message a line, to every broker that is given.
///
/// A thread of its own reads and publishes, since waiting for stdin cannot be interrupted; the tool's thread
/// waits for its end or the user's. The producers, `failure` and `ended` are guarded by a lock: once ended,
/// nothing is published.
public final class ToNsq {
    private static final Option<String> TOPIC = Option.string("topic", "", "topic to publish to");
    private static final Option<String> DELIMITER = Option.string("delimiter", "\n", "the byte that ends a message");
    private static final Option<Long> RATE =
            Option.number("rate", 0, 0, 1_000_000_000, "messages a second at most (0: as fast as they come)");
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    /// How long brokers may take for what is under way when the user wants to end.
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(3);

    static final Tool TOOL = new Tool(
            Options.ofTool("to_nsq", TOPIC, DELIMITER, RATE, ToolOptions.NSQD_TCP_ADDRESS, ToolOptions.PRODUCER_OPT),
            ToNsq::copy);

    private final String topic;
    private final List<Producer> producers;
    private final Throttle throttle;
    private final CountDownLatch stop;
    private final LongSupplier clockNs;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean inputEnded;
    private boolean ended;
    private @Nullable IOException failure;

    private ToNsq(String topic, List<Producer> producers, long rate, Terminal terminal) {
        this.topic = topic;
        this.producers = producers;
        this.stop = terminal.stop();
        this.clockNs = terminal.clockNs();
        this.throttle = new Throttle(rate, clockNs.getAsLong());
    }

    /// Runs the tool as this process; the exit code.
    public static int run(String[] arguments) {
        return TOOL.run(arguments);
    }

    private static void copy(Settings settings, Terminal terminal)
            throws IOException, UsageException, InterruptedException {
        var topic = ToolOptions.requireName(settings, TOPIC);
        var delimiter = settings.get(DELIMITER).getBytes(StandardCharsets.UTF_8);
        if (delimiter.length != 1) {
            throw new UsageException(1, "--delimiter must be a single byte");
        }
        if (settings.get(ToolOptions.NSQD_TCP_ADDRESS).isEmpty()) {
            throw new UsageException(1, "--nsqd-tcp-address required");
        }
        long rate = settings.get(RATE);
        var producers = new ArrayList<Producer>();
        try {
            connect(settings, producers);
            if (rate > 0) {
                terminal.say("Throttling messages rate to max:" + rate + "/second");
            }
            var toNsq = new ToNsq(topic, producers, rate, terminal);
            var input = new DelimitedInput(terminal.in(), delimiter[0]);
            Thread.ofPlatform().name("stdin").daemon(true).start(() -> toNsq.publishAll(input));
            terminal.stop().await();
            toNsq.end();
        } finally {
            producers.forEach(Producer::close);
        }
    }

    private static void connect(Settings settings, List<Producer> producers) throws IOException, UsageException {
        var options = ToolOptions.client("to_nsq", settings.get(ToolOptions.PRODUCER_OPT));
        for (var broker : new LinkedHashSet<>(settings.get(ToolOptions.NSQD_TCP_ADDRESS))) {
            try {
                producers.add(new Producer(broker, options, ANSWER_TIMEOUT));
            } catch (IllegalArgumentException wrong) {
                throw new UsageException(1, "--" + ToolOptions.NSQD_TCP_ADDRESS.name() + ": " + wrong.getMessage());
            } catch (IOException unreachable) {
                throw new IOException("cannot connect to " + broker + ": " + unreachable.getMessage(), unreachable);
            }
        }
    }

    private void publishAll(DelimitedInput input) {
        // What a lack of memory ends is not complete either.
        @Nullable IOException problem = new IOException("reading ended before the input did");
        try {
            boolean goOn = true;
            while (goOn) {
                if (input.isIdle()) {
                    flush(ANSWER_TIMEOUT);
                }
                var piece = input.next();
                goOn = piece != null && !awaitThrottle() && publish(piece);
            }
            problem = null;
        } catch (IOException failed) {
            problem = failed;
        } catch (RuntimeException bug) {
            problem = new IOException("reading ended before the input did: " + bug, bug);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            inputEnds(problem);
            stop.countDown();
        }
    }

    /// Waits until the next message may go, or until the user wants to end, which it tells.
    private boolean awaitThrottle() throws InterruptedException {
        long waitNs = throttle.waitNs(clockNs.getAsLong());
        return waitNs > 0 && stop.await(waitNs, TimeUnit.NANOSECONDS);
    }

    /// Publishes to all; whether there may be more.
    private boolean publish(byte[] piece) throws IOException {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            for (var producer : producers) {
                producer.publish(topic, piece);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void inputEnds(@Nullable IOException problem) {
        lock.lock();
        try {
            inputEnded = problem == null;
            failure = problem;
        } finally {
            lock.unlock();
        }
    }

    /// Publishes nothing more, and throws unless all that was read is stored everywhere.
    private void end() throws IOException, InterruptedException {
        if (!lock.tryLock(STOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
            throw incomplete(new IOException("no answer for " + STOP_TIMEOUT.toMillis() + "ms"));
        }
        try {
            ended = true;
            if (failure != null) {
                throw failure;
            }
            flush(inputEnded ? ANSWER_TIMEOUT : STOP_TIMEOUT);
        } catch (IOException problem) {
            throw incomplete(problem);
        } finally {
            lock.unlock();
        }
    }

    private void flush(Duration timeout) throws IOException {
        lock.lock();
        try {
            for (var producer : producers) {
                producer.flush(timeout);
            }
        } finally {
            lock.unlock();
        }
    }

    private IOException incomplete(IOException problem) {
        var counts = new StringBuilder();
        for (var producer : producers) {
            counts.append(counts.isEmpty() ? "" : ", ")
                    .append(producer.acknowledged())
                    .append(" by ")
                    .append(producer.address());
        }
        return new IOException(
                "failed to publish: " + problem.getMessage() + " (acknowledged: " + counts + ")", problem);
    }
}
