package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.client.LiveBroker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToNsqTest {
    @TempDir
    private Path data;

    private LiveBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new LiveBroker(Files.createDirectory(data.resolve("first")), "--max-msg-size=100");
        broker.createChannel("events", "archive");
    }

    @AfterEach
    void closeBroker() throws IOException {
        broker.close();
    }

    private ToolRun publish(String input, String... more) {
        var arguments = new String[more.length + 2];
        arguments[0] = "--topic=events";
        arguments[1] = "--nsqd-tcp-address=" + broker.tcpAddress();
        System.arraycopy(more, 0, arguments, 2, more.length);
        return ToolRun.startReading(input, ToNsq.TOOL, arguments);
    }

    private static List<String> stored(LiveBroker broker, int count) throws Exception {
        var tail = ToolRun.start(
                NsqTail.TOOL,
                "--topic=events",
                "--channel=archive",
                "-n=" + count,
                "--nsqd-tcp-address=" + broker.tcpAddress());
        assertThat(tail.exitCode()).isZero();
        broker.await("events", "archive", "depth", 0);
        return tail.out().lines().toList();
    }

    /// An input that cannot be read.
    private static final class EndingInput extends InputStream {
        private final Supplier<IOException> cause;

        EndingInput(Supplier<IOException> cause) {
            this.cause = cause;
        }

        @Override
        public int read() throws IOException {
            throw cause.get();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            throw cause.get();
        }
    }

    @Test
    void everyLineIsAMessageTheLastOneWithoutNewlineToo() throws Exception {
        var run = publish("one\n\ntwo\nthree");

        assertThat(run.exitCode()).isZero();
        assertThat(stored(broker, 3)).containsExactly("one", "two", "three");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void theDelimiterIsTheUsersChoice() throws Exception {
        var run = publish("one,two,three", "--delimiter=,");

        assertThat(run.exitCode()).isZero();
        assertThat(stored(broker, 3)).containsExactly("one", "two", "three");
    }

    @Test
    void everyBrokerGetsEveryMessage() throws Exception {
        try (var second = new LiveBroker(Files.createDirectory(data.resolve("second")))) {
            second.createChannel("events", "archive");
            var run = publish("one\ntwo\n", "--nsqd-tcp-address=" + second.tcpAddress());

            assertThat(run.exitCode()).isZero();
            assertThat(stored(broker, 2)).containsExactly("one", "two");
            assertThat(stored(second, 2)).containsExactly("one", "two");
        }
    }

    @Test
    void aBrokerThatIsGivenTwiceGetsEachMessageOnce() throws Exception {
        var run = publish("one\n", "--nsqd-tcp-address=" + broker.tcpAddress());

        assertThat(run.exitCode()).isZero();
        broker.await("events", "archive", "message_count", 1);
    }

    @Test
    void theRateIsKept() throws Exception {
        var time = new VirtualTime();

        var run = ToolRun.start(
                time,
                "message\n".repeat(20),
                ToNsq.TOOL,
                "--topic=events",
                "--nsqd-tcp-address=" + broker.tcpAddress(),
                "--rate=40");

        assertThat(run.exitCode()).isZero();
        assertThat(time.passedNs()).isEqualTo(TimeUnit.SECONDS.toNanos(19) / 40);
        assertThat(run.err()).endsWith(" Throttling messages rate to max:40/second\n");
    }

    @Test
    void whatComesSlowlyIsPublishedWhenItComes() throws Exception {
        try (var keyboard = new PipedOutputStream();
                var input = new PipedInputStream(keyboard)) {
            var run = ToolRun.startReading(
                    input, ToNsq.TOOL, "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress());

            keyboard.write("one\n".getBytes(StandardCharsets.UTF_8));
            broker.await("events", "archive", "depth", 1);
            keyboard.write("two\n".getBytes(StandardCharsets.UTF_8));
            broker.await("events", "archive", "depth", 2);
            assertThat(run.isRunning()).isTrue();
            run.stop();

            assertThat(run.exitCode()).isZero();
        }
    }

    @Test
    void aStopDuringTheThrottlesWaitEndsAtOnce() throws Exception {
        var run = publish("one\n".repeat(1000), "--rate=1");
        broker.await("events", "archive", "depth", 1);

        run.stop();

        assertThat(run.exitCode()).isZero();
    }

    @Test
    void aRefusedMessageEndsItAndTheCountOfWhatIsStoredIsSaid() throws Exception {
        var run = publish("one\ntwo\n" + "x".repeat(101) + "\nthree\n");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .endsWith(" ERROR: failed to publish: " + broker.tcpAddress()
                        + ": E_BAD_MESSAGE PUB message too big 101 > 100 (acknowledged: 2 by " + broker.tcpAddress()
                        + ")\n");
        broker.await("events", "archive", "depth", 2);
    }

    @Test
    void aRefusalIsSaidThoughMoreInputMayCome() throws Exception {
        try (var keyboard = new PipedOutputStream();
                var input = new PipedInputStream(keyboard)) {
            var run = ToolRun.startReading(
                    input, ToNsq.TOOL, "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress());

            keyboard.write(("x".repeat(101) + "\n").getBytes(StandardCharsets.UTF_8));
            keyboard.flush();

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("E_BAD_MESSAGE PUB message too big 101 > 100 (acknowledged: 0 by ");
        }
    }

    @Test
    void aBrokerThatGoesAwayEndsItWithTheCountsOfAll() throws Exception {
        try (var keyboard = new PipedOutputStream();
                var input = new PipedInputStream(keyboard);
                var second = new LiveBroker(Files.createDirectory(data.resolve("second")))) {
            var run = ToolRun.startReading(
                    input,
                    ToNsq.TOOL,
                    "--topic=events",
                    "--nsqd-tcp-address=" + second.tcpAddress(),
                    "--nsqd-tcp-address=" + broker.tcpAddress());
            keyboard.write("one\n".getBytes(StandardCharsets.UTF_8));
            broker.await("events", "archive", "depth", 1);
            broker.goAway();
            keyboard.write("two\n".getBytes(StandardCharsets.UTF_8));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains(" ERROR: failed to publish: " + broker.tcpAddress() + ": ")
                    .contains(" by " + second.tcpAddress() + ", 1 by " + broker.tcpAddress() + ")");
        }
    }

    @Test
    void anInputThatCannotBeReadIsAFailureAfterWhatWasRead() throws Exception {
        var broken = new SequenceInputStream(
                new ByteArrayInputStream("one\n".getBytes(StandardCharsets.UTF_8)),
                new EndingInput(() -> new IOException("disk is gone")));
        var run =
                ToolRun.startReading(broken, ToNsq.TOOL, "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("disk is gone (acknowledged: 1 by " + broker.tcpAddress() + ")");
        broker.await("events", "archive", "depth", 1);
    }

    @Test
    void anEndThatNobodyForesawIsNoSuccess() throws Exception {
        var input = new EndingInput(() -> {
            throw new IllegalStateException("a bug");
        });
        var run =
                ToolRun.startReading(input, ToNsq.TOOL, "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        "reading ended before the input did: java.lang.IllegalStateException: a bug (acknowledged: 0 by ");
    }

    @Test
    void aBrokerThatCannotBeReachedIsAFailureBeforeAnythingIsRead() throws Exception {
        var run = ToolRun.startReading("one\n", ToNsq.TOOL, "--topic=events", "--nsqd-tcp-address=127.0.0.1:1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(" ERROR: cannot connect to 127.0.0.1:1: ");
    }

    @Test
    void producerOptionsAreUsed() throws Exception {
        var run = publish("one\n", "--producer-opt=heartbeat_interval,100ms");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("E_BAD_BODY IDENTIFY heartbeat interval (100) is invalid");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2|--rat=5|flag provided but not defined: -rat (did you mean -rate?)",
                "2|--rate=fast|rate: 'fast' (expected: a number 0..1000000000)",
                "2|--topic=t --nsqd-tcp-address=h:1 --producer-opt=snappy,yes|snappy: 'yes' (expected: true or false)",
                "1|--nsqd-tcp-address=h:1|--topic is required",
                "1|--topic=t|--nsqd-tcp-address required",
                "1|--topic=t --nsqd-tcp-address=h|--nsqd-tcp-address: address 'h' (expected: host:port)",
                "1|--topic=t --nsqd-tcp-address=h:1 --delimiter=ab|--delimiter must be a single byte",
                "1|--topic=t --nsqd-tcp-address=h:1 --delimiter=|--delimiter must be a single byte"
            })
    void wrongUseIsRefusedWithWhatWouldBeRight(int exitCode, String arguments, String message) throws Exception {
        var run = ToolRun.start(ToNsq.TOOL, arguments.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith(message);
    }
}
