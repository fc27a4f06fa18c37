package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.client.LiveBroker;
import io.waystation.client.LiveLookup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NsqTailTest {
    @TempDir
    private Path data;

    private LiveLookup lookup;
    private LiveBroker broker;

    @BeforeEach
    void startDaemons() throws Exception {
        lookup = new LiveLookup();
        broker = new LiveBroker(data, "--lookupd-tcp-address=" + lookup.tcpAddress());
        broker.createChannel("events", "archive");
    }

    @AfterEach
    void closeDaemons() throws IOException {
        broker.close();
        lookup.close();
    }

    private ToolRun tail(String... more) {
        var arguments = new String[more.length + 3];
        arguments[0] = "--topic=events";
        arguments[1] = "--channel=archive";
        arguments[2] = "--nsqd-tcp-address=" + broker.tcpAddress();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return ToolRun.start(NsqTail.TOOL, arguments);
    }

    @Test
    void aMessageIsALineOfItsBody() throws Exception {
        broker.publish("events", "one");
        var tail = tail("-n", "1");

        int exitCode = tail.exitCode();

        assertThat(exitCode).isZero();
        assertThat(tail.out()).isEqualTo("one\n");
        assertThat(tail.err()).matches("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d Adding consumer for topic: events\n");
    }

    @Test
    void printTopicPutsTheTopicBeforeEachMessage() throws Exception {
        broker.publish("events", "one");
        var tail = tail("-n=1", "-print-topic");

        tail.exitCode();

        assertThat(tail.out()).isEqualTo("events | one\n");
    }

    @Test
    void severalTopicsAreReadTogether() throws Exception {
        broker.createChannel("orders", "archive");
        broker.publish("events", "one");
        broker.publish("orders", "two");
        var tail = tail("--topic=orders", "--print-topic", "-n=2");

        tail.exitCode();

        assertThat(tail.out().lines()).containsExactlyInAnyOrder("events | one", "orders | two");
        assertThat(tail.err()).contains("Adding consumer for topic: events\n", "Adding consumer for topic: orders\n");
    }

    @Test
    void whatIsMoreThanNStaysInTheChannel() throws Exception {
        for (int i = 0; i < 10; i++) {
            broker.publish("events", "message " + i);
        }
        var tail = tail("-n", "3");

        tail.exitCode();
        broker.await("events", "archive", "client_count", 0);

        assertThat(tail.out().lines()).hasSize(3);
        broker.await("events", "archive", "depth", 7);
        broker.await("events", "archive", "deferred_count", 0);
    }

    @Test
    void nLowersTheMessagesInFlight() throws Exception {
        var tail = tail("-n=3", "--max-in-flight=100");
        Awaitility.await("RDY").until(() -> broker.ready("events", "archive") == 3);

        tail.stop();

        assertThat(tail.exitCode()).isZero();
    }

    @Test
    void maxInFlightIsAskedOfTheBroker() throws Exception {
        var tail = tail("--max-in-flight=17");
        Awaitility.await("RDY").until(() -> broker.ready("events", "archive") == 17);

        tail.stop();

        assertThat(tail.exitCode()).isZero();
    }

    @Test
    void twoHundredAreInFlightByDefault() throws Exception {
        var tail = tail();
        Awaitility.await("RDY").until(() -> broker.ready("events", "archive") == 200);

        tail.stop();

        assertThat(tail.exitCode()).isZero();
    }

    @Test
    void withoutAChannelItReadsAnEphemeralOneOfItsOwn() throws Exception {
        var tail =
                ToolRun.start(NsqTail.TOOL, "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress(), "-n", "1");
        Awaitility.await("second channel")
                .until(() -> broker.channelNames("events").size() == 2);
        var channel = broker.channelNames("events").stream()
                .filter(name -> !name.equals("archive"))
                .findFirst()
                .orElseThrow();
        broker.publish("events", "one");

        tail.exitCode();

        assertThat(channel).matches("tail\\d{6}#ephemeral");
        assertThat(tail.out()).isEqualTo("one\n");
    }

    @Test
    void aLookupNamesTheBrokers() throws Exception {
        broker.publish("events", "one");
        lookup.awaitProducers("events", 1);
        var tail = ToolRun.start(
                NsqTail.TOOL,
                "--topic=events",
                "--channel=archive",
                "-n=1",
                "--lookupd-http-address=" + lookup.httpAddress());

        assertThat(tail.exitCode()).isZero();
        assertThat(tail.out()).isEqualTo("one\n");
    }

    @Test
    void consumerOptionsReachTheBroker() throws Exception {
        var tail = tail("--consumer-opt=client_id,me", "-reader-opt", "hostname,here");
        broker.await("events", "archive", "client_count", 1);
        var client =
                broker.channel("events", "archive").get("clients").elements().getFirst();

        tail.stop();

        assertThat(client.get("client_id").text()).isEqualTo("me");
        assertThat(client.get("hostname").text()).isEqualTo("here");
        assertThat(client.get("user_agent").text()).isEqualTo("nsq_tail/1.3.0 go-nsq/1.1.0");
        assertThat(tail.exitCode()).isZero();
    }

    @Test
    void aBodyIsPrintedByteForByte() throws Exception {
        broker.publish("events", "größe\t\u0001\r");
        var tail = tail("-n=1");

        tail.exitCode();

        assertThat(tail.out()).isEqualTo("größe\t\u0001\r\n");
    }

    @Test
    void aStoppedTailHasFinishedWhatItPrinted() throws Exception {
        broker.publish("events", "one");
        var tail = tail();
        tail.awaitOut("one\n");

        tail.stop();
        int exitCode = tail.exitCode();
        broker.await("events", "archive", "client_count", 0);

        assertThat(exitCode).isZero();
        broker.await("events", "archive", "in_flight_count", 0);
        broker.await("events", "archive", "depth", 0);
    }

    @Test
    void anOutputThatIsGoneEndsTheTailAndKeepsTheMessage() throws Exception {
        broker.publish("events", "one");
        var closedPipe = new OutputStream() {
            @Override
            public void write(int next) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        var tail = ToolRun.startWriting(
                closedPipe,
                NsqTail.TOOL,
                "--topic=events",
                "--channel=archive",
                "--nsqd-tcp-address=" + broker.tcpAddress());

        int exitCode = tail.exitCode();

        assertThat(exitCode).isEqualTo(1);
        assertThat(tail.err()).endsWith(" ERROR: cannot write to stdout\n");
        broker.await("events", "archive", "depth", 1);
    }

    @Test
    void aBrokerThatCannotBeReachedIsAFailure() throws Exception {
        var tail = ToolRun.start(NsqTail.TOOL, "--topic=events", "--nsqd-tcp-address=127.0.0.1:1");

        assertThat(tail.exitCode()).isEqualTo(1);
        assertThat(tail.err()).contains(" ERROR: cannot connect to 127.0.0.1:1: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2|-topik=t|flag provided but not defined: -topik (did you mean -topic?)",
                "2|-n=many --topic=t|n: 'many' (expected: a number 0..2147483647)",
                "2|-n=-1 --topic=t|n: -1 (expected: 0..2147483647)",
                "2|--max-in-flight=0|max-in-flight: 0 (expected: 1..2147483647)",
                "2|--print-topic=maybe|print-topic: 'maybe' (expected: true or false)",
                "2|--topic|flag needs an argument: -topic",
                "2|--topic=t --nsqd-tcp-address=h:1 --consumer-opt=write_timeout|option write_timeout is not supported: ",
                "2|--topic=t --nsqd-tcp-address=h:1 --consumer-opt=x,1|invalid option x (expected: one of [",
                "2|--topic=t --nsqd-tcp-address=h:1 --consumer-opt=read_timeout,1s|heartbeat_interval: 30000ms (expected: at most read_timeout, 1000ms)",
                "1|--topic=t|--nsqd-tcp-address or --lookupd-http-address required",
                "1|--nsqd-tcp-address=h:1|--topic required",
                "1|--topic=t --nsqd-tcp-address=h:1 --lookupd-http-address=h:2|use --nsqd-tcp-address or --lookupd-http-address not both",
                "1|--topic=t --nsqd-tcp-address=h|--nsqd-tcp-address: address 'h' (expected: host:port)",
                "1|--topic=a/b --nsqd-tcp-address=h:1|--topic: 'a/b' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)",
                "1|--topic=t --channel=a/b --nsqd-tcp-address=h:1|--channel: 'a/b' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)"
            })
    void wrongUseIsRefusedWithWhatWouldBeRight(int exitCode, String arguments, String message) throws Exception {
        var tail = ToolRun.start(NsqTail.TOOL, arguments.split(" ", -1));

        assertThat(tail.exitCode()).isEqualTo(exitCode);
        assertThat(tail.err()).startsWith(message);
        assertThat(tail.out()).isEmpty();
    }

    @Test
    void versionAndHelpAreAnswered() throws Exception {
        var version = ToolRun.start(NsqTail.TOOL, "--version");
        var help = ToolRun.start(NsqTail.TOOL, "--help");

        assertThat(version.exitCode()).isZero();
        assertThat(version.out()).startsWith("nsq_tail v1.3.0");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith("Usage of nsq_tail:\n").contains("  -print-topic\n");
    }
}
