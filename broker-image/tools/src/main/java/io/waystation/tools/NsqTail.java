package io.waystation.tools;

import io.waystation.client.Consumer;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// `nsq_tail`: prints the messages of topics as they come.
public final class NsqTail {
    private static final Option<List<String>> TOPIC =
            Option.strings("topic", "topic to read; may be given several times");
    private static final Option<String> CHANNEL =
            Option.string("channel", "", "channel to read (default: an ephemeral one of its own)");
    private static final Option<Integer> N =
            Option.integer("n", 0, 0, Integer.MAX_VALUE, "end after so many messages (0: go on)");
    private static final Option<Integer> MAX_IN_FLIGHT =
            Option.integer("max-in-flight", 200, 1, Integer.MAX_VALUE, "messages in flight at once");
    private static final Option<Boolean> PRINT_TOPIC =
            Option.bool("print-topic", false, "print the topic with each message");
    private static final int RANDOM_CHANNELS = 1_000_000;

    private final PrintStream output =
            new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
    private final AtomicInteger left;
    private final boolean printTopic;
    private final CountDownLatch stop;

    private NsqTail(int n, boolean printTopic, CountDownLatch stop) {
        this.left = new AtomicInteger(n == 0 ? Integer.MAX_VALUE : n);
        this.printTopic = printTopic;
        this.stop = stop;
    }

    public static int run(String[] arguments) {
        var options = Options.ofTool(
                "nsq_tail",
                TOPIC,
                CHANNEL,
                N,
                MAX_IN_FLIGHT,
                PRINT_TOPIC,
                ToolOptions.NSQD_TCP_ADDRESS,
                ToolOptions.LOOKUPD_HTTP_ADDRESS,
                ToolOptions.CONSUMER_OPT,
                ToolOptions.CONNECT_TIMEOUT,
                ToolOptions.REQUEST_TIMEOUT);
        return Tool.run(options, arguments, NsqTail::tail);
    }

    private static void tail(Settings settings, CountDownLatch stop)
            throws IOException, UsageException, InterruptedException {
        var brokers = settings.get(ToolOptions.NSQD_TCP_ADDRESS);
        var lookups = settings.get(ToolOptions.LOOKUPD_HTTP_ADDRESS);
        ToolOptions.requireOneKind(brokers, lookups, "nsqd-tcp-address");
        if (settings.get(TOPIC).isEmpty()) {
            throw new UsageException(1, "--topic required");
        }
        int n = settings.get(N);
        int inFlight = n == 0 ? settings.get(MAX_IN_FLIGHT) : Math.min(n, settings.get(MAX_IN_FLIGHT));
        var client = ToolOptions.client("nsq_tail", settings.get(ToolOptions.CONSUMER_OPT))
                .inFlight(inFlight);
        var channel = settings.get(CHANNEL);
        if (channel.isEmpty()) {
            channel = String.format("tail%06d#ephemeral", new SplittableRandom().nextInt(RANDOM_CHANNELS));
        }
        var tail = new NsqTail(n, settings.get(PRINT_TOPIC), stop);
        var consumers = new ArrayList<Consumer>();
        for (var topic : settings.get(TOPIC)) {
            Tool.say("Adding consumer for topic: " + topic);
            var consumer = new Consumer(
                    topic,
                    channel,
                    client,
                    ToolOptions.http(settings),
                    brokers,
                    lookups,
                    message -> tail.print(topic, message.body()));
            consumer.start();
            consumers.add(consumer);
        }
        stop.await();
        consumers.forEach(Consumer::close);
        tail.output.flush();
    }

    private synchronized void print(String topic, byte[] body) throws IOException {
        int number = left.getAndDecrement();
        if (number <= 0) {
            throw new IOException("enough was printed");
        }
        if (printTopic) {
            output.print(topic + " | ");
        }
        output.write(body);
        output.write('\n');
        output.flush();
        if (output.checkError()) {
            throw new IOException("cannot write to stdout");
        }
        if (number == 1) {
            stop.countDown();
        }
    }
}
