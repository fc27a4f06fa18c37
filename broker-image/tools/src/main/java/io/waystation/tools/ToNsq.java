package io.waystation.tools;

import io.waystation.client.Producer;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// `to_nsq`: publishes what comes on stdin, a message a line, to every broker that is given.
public final class ToNsq {
    private static final Option<String> TOPIC = Option.string("topic", "", "topic to publish to");
    private static final Option<String> DELIMITER = Option.string("delimiter", "\n", "the byte that ends a message");
    private static final Option<Long> RATE =
            Option.number("rate", 0, 0, 1_000_000_000, "messages a second at most (0: as fast as they come)");
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private ToNsq() {}

    public static int run(String[] arguments) {
        var options = Options.ofTool(
                "to_nsq", TOPIC, DELIMITER, RATE, ToolOptions.NSQD_TCP_ADDRESS, ToolOptions.PRODUCER_OPT);
        return Tool.run(options, arguments, ToNsq::copy);
    }

    private static void copy(Settings settings, CountDownLatch stop)
            throws IOException, UsageException, InterruptedException {
        var topic = ToolOptions.require(settings, TOPIC);
        var delimiter = settings.get(DELIMITER).getBytes(StandardCharsets.UTF_8);
        if (delimiter.length != 1) {
            throw new UsageException(1, "--delimiter must be a single byte");
        }
        var brokers = settings.get(ToolOptions.NSQD_TCP_ADDRESS);
        if (brokers.isEmpty()) {
            throw new UsageException(1, "--nsqd-tcp-address required");
        }
        var client = ToolOptions.client("to_nsq", settings.get(ToolOptions.PRODUCER_OPT));
        var producers = new ArrayList<Producer>();
        try {
            for (var broker : brokers) {
                producers.add(new Producer(broker, client));
            }
            publishAll(topic, delimiter[0], settings.get(RATE), producers, stop);
        } finally {
            producers.forEach(Producer::close);
        }
    }

    private static void publishAll(
            String topic, byte delimiter, long rate, List<Producer> producers, CountDownLatch stop)
            throws IOException, InterruptedException {
        InputStream input = new BufferedInputStream(System.in);
        var piece = new ByteArrayOutputStream();
        long startNs = System.nanoTime();
        long count = 0;
        while (stop.getCount() > 0) {
            boolean idle = input.available() == 0;
            if (idle) {
                flush(producers);
            }
            int next = input.read();
            if (next >= 0 && next != (delimiter & 0xff)) {
                piece.write(next);
                continue;
            }
            if (piece.size() > 0) {
                if (rate > 0 && await(startNs + count * NANOS_PER_SECOND / rate, stop)) {
                    break;
                }
                for (var producer : producers) {
                    producer.publish(topic, piece.toByteArray());
                }
                piece.reset();
                count++;
            }
            if (next < 0) {
                break;
            }
        }
        flush(producers);
    }

    /// Waits until the moment, or until the user wants to end, which it tells.
    private static boolean await(long momentNs, CountDownLatch stop) throws InterruptedException {
        return stop.await(momentNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private static void flush(List<Producer> producers) throws IOException {
        for (var producer : producers) {
            producer.flush();
        }
    }
}
