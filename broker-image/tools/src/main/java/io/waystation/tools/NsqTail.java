package io.waystation.tools;

import io.waystation.client.Consumer;
import io.waystation.client.Consumer.Outcome;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// `nsq_tail`: prints the messages of topics as they come. A message is finished once it is printed; one that
/// came when enough was printed goes back to its channel.
///
/// The consumers' handlers print, one at a time under this object's monitor, which guards `left` and `failed`.
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

    static final Tool TOOL = new Tool(
            Options.ofTool(
                    "nsq_tail",
                    TOPIC,
                    CHANNEL,
                    N,
                    MAX_IN_FLIGHT,
                    PRINT_TOPIC,
                    ToolOptions.NSQD_TCP_ADDRESS,
                    ToolOptions.LOOKUPD_HTTP_ADDRESS,
                    ToolOptions.CONSUMER_OPT),
            NsqTail::tail);

    private final PrintStream output;
    private final CountDownLatch stop;
    private final boolean printTopic;
    private int left;
    private boolean failed;

    private NsqTail(int n, boolean printTopic, Terminal terminal) {
        this.left = n == 0 ? Integer.MAX_VALUE : n;
        this.printTopic = printTopic;
        this.output = terminal.out();
        this.stop = terminal.stop();
    }

    /// Runs the tool as this process; the exit code.
    public static int run(String[] arguments) {
        return TOOL.run(arguments);
    }

    private static void tail(Settings settings, Terminal terminal)
            throws IOException, UsageException, InterruptedException {
        var sources = ToolOptions.sources(settings);
        if (settings.get(TOPIC).isEmpty()) {
            throw new UsageException(1, "--topic required");
        }
        for (var topic : settings.get(TOPIC)) {
            ToolOptions.name(TOPIC.name(), topic);
        }
        var given = settings.get(CHANNEL);
        var channel = given.isEmpty() ? randomChannel() : ToolOptions.name(CHANNEL.name(), given);
        int n = settings.get(N);
        int inFlight = n == 0 ? settings.get(MAX_IN_FLIGHT) : Math.min(n, settings.get(MAX_IN_FLIGHT));
        var options = ToolOptions.client("nsq_tail", settings.get(ToolOptions.CONSUMER_OPT))
                .withMaxInFlight(inFlight);
        var tail = new NsqTail(n, settings.get(PRINT_TOPIC), terminal);
        var consumers = new ArrayList<Consumer>();
        try {
            for (var topic : settings.get(TOPIC)) {
                terminal.say("Adding consumer for topic: " + topic);
                var consumer =
                        new Consumer(topic, channel, options, sources, message -> tail.print(topic, message.body()));
                consumers.add(consumer);
                consumer.start();
            }
            terminal.stop().await();
        } finally {
            close(consumers);
        }
        tail.check();
    }

    private static String randomChannel() {
        return String.format(Locale.ROOT, "tail%06d#ephemeral", new SplittableRandom().nextInt(RANDOM_CHANNELS));
    }

    /// All at once: each may wait for its brokers.
    private static void close(List<Consumer> consumers) {
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            consumers.forEach(consumer -> closing.execute(consumer::close));
        }
    }

    private synchronized Outcome print(String topic, byte[] body) {
        if (left == 0 || failed) {
            return Outcome.REQUEUE;
        }
        if (printTopic) {
            output.writeBytes((topic + " | ").getBytes(StandardCharsets.UTF_8));
        }
        output.writeBytes(body);
        output.write('\n');
        // Finishing comes after printing: what a broken pipe swallows must not be gone from the channel as well.
        failed = output.checkError();
        if (failed) {
            stop.countDown();
            return Outcome.REQUEUE;
        }
        left--;
        if (left == 0) {
            stop.countDown();
        }
        return Outcome.FINISH;
    }

    private synchronized void check() throws IOException {
        if (failed) {
            throw new IOException("cannot write to stdout");
        }
    }
}
