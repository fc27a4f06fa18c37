package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.client.LiveBroker;
import io.waystation.client.LiveLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NsqStatTest {
    @TempDir
    private Path data;

    private LiveLookup lookup;
    private LiveBroker broker;

    @BeforeEach
    void startDaemons() throws Exception {
        lookup = new LiveLookup();
        broker = startBroker("first");
    }

    private LiveBroker startBroker(String name) throws Exception {
        var started = new LiveBroker(
                Files.createDirectory(data.resolve(name)), "--lookupd-tcp-address=" + lookup.tcpAddress());
        started.createChannel("events", "archive");
        return started;
    }

    @AfterEach
    void closeDaemons() throws IOException {
        broker.close();
        lookup.close();
    }

    private static ToolRun stat(String... more) {
        var arguments = new String[more.length + 3];
        arguments[0] = "--topic=events";
        arguments[1] = "--channel=archive";
        arguments[2] = "--interval=20ms";
        System.arraycopy(more, 0, arguments, 3, more.length);
        return ToolRun.start(NsqStat.TOOL, arguments);
    }

    private String ofBroker() {
        return "--nsqd-http-address=" + broker.httpAddress();
    }

    @Test
    void countSaysHowManyRowsFollowTheColumns() throws Exception {
        broker.publish("events", "one");
        broker.publish("events", "two");

        var run = stat(ofBroker(), "--count=2");

        assertThat(run.exitCode()).isZero();
        var row = "      0       0 |       2       0       2     0     0 |       0       0            2       0\n";
        assertThat(run.out()).isEqualTo(ChannelCounts.HEADER + "\n" + row + row);
    }

    @Test
    void whatComesInIsARate() throws Exception {
        var run = stat(ofBroker());
        run.awaitOut("|");

        broker.publish("events", "one");

        Awaitility.await("a row with a rate")
                .until(() -> run.out().lines().anyMatch(row -> row.matches(" +[1-9]\\d* +0 \\|.*")));
        run.stop();
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void theColumnsComeAgainEvery25Rows() throws Exception {
        var run = stat(ofBroker(), "--count=51");

        assertThat(run.exitCode()).isZero();
        var lines = run.out().lines().toList();
        assertThat(lines).hasSize(51 + 6);
        assertThat(lines.get(0)).startsWith("------rate");
        assertThat(lines.get(2 + 24)).startsWith("------rate");
        assertThat(lines.get(2 + 24 + 2 + 25)).startsWith("------rate");
    }

    @Test
    void theIntervalIsTheTimeBetweenRows() throws Exception {
        var time = new VirtualTime();

        var run = ToolRun.start(
                time,
                "",
                NsqStat.TOOL,
                "--topic=events",
                "--channel=archive",
                ofBroker(),
                "--status-every=7h",
                "--count=3");

        assertThat(run.exitCode()).isZero();
        assertThat(time.passedNs()).isEqualTo(TimeUnit.HOURS.toNanos(21));
    }

    @Test
    void brokersThatLookupsNameAreSummed() throws Exception {
        try (var second = startBroker("second")) {
            lookup.awaitProducers("events", 2);
            broker.publish("events", "one");
            second.publish("events", "two");

            var run = stat("--lookupd-http-address=" + lookup.httpAddress(), "--count=1");

            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).matches("(?s).*\\| {7}2 .* 2 {7}0\n");
        }
    }

    @Test
    void oneLookupOfSeveralMayBeAway() throws Exception {
        lookup.awaitProducers("events", 1);

        var run = stat(
                "--lookupd-http-address=127.0.0.1:1", "--lookupd-http-address=" + lookup.httpAddress(), "--count=1");

        assertThat(run.exitCode()).isZero();
    }

    @Test
    void oneBrokerOfSeveralMayBeAwayAndIsNamed() throws Exception {
        var run = stat(ofBroker(), "--nsqd-http-address=127.0.0.1:1", "--count=1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains(" WARNING: failed to query nsqd 127.0.0.1:1, not counted - ");
    }

    @Test
    void aTopicThatNoLookupKnowsIsAFailure() throws Exception {
        var run = ToolRun.start(
                NsqStat.TOOL, "--topic=none", "--channel=c", "--lookupd-http-address=" + lookup.httpAddress());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(" ERROR: failed to get topic producers - got response 404 ");
    }

    @Test
    void aTopicThatNoBrokerHasIsAFailure() throws Exception {
        var run = ToolRun.start(NsqStat.TOOL, "--topic=none", "--channel=c", ofBroker());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).endsWith(" ERROR: failed to get nsqd stats - failed to query any nsqd: \n");
    }

    @Test
    void anUnknownChannelIsAFailure() throws Exception {
        var run = ToolRun.start(NsqStat.TOOL, "--topic=events", "--channel=none", ofBroker());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).endsWith(" ERROR: failed to find channel(none) in stats metadata for topic(events)\n");
    }

    @Test
    void aBrokerThatDoesNotAnswerIsWaitedForNoLongerThanTheRequestTimeout() throws Exception {
        try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var run = stat(
                    "--nsqd-http-address=127.0.0.1:" + silent.getLocalPort(), "--http-client-request-timeout=50ms");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("failed to query any nsqd: ").contains("timed out");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2|--intervall=1s|flag provided but not defined: -intervall (did you mean -interval?)",
                "2|--interval=0|interval: 0 (expected: 1ms..24h)",
                "2|--interval=soon|interval: 'soon' (expected: a duration such as 300ms or 1m30s)",
                "2|--count=-1|count: -1 (expected: 0..9223372036854775807)",
                "2|--http-client-connect-timeout=0|http-client-connect-timeout: 0 (expected: 1ms..24h)",
                "1|--channel=c --nsqd-http-address=h:1|--topic is required",
                "1|--topic=t --nsqd-http-address=h:1|--channel is required",
                "1|--topic=t --channel=c|--nsqd-http-address or --lookupd-http-address required",
                "1|--topic=t --channel=c --nsqd-http-address=h:1 --lookupd-http-address=h:2|use --nsqd-http-address or --lookupd-http-address not both"
            })
    void wrongUseIsRefusedWithWhatWouldBeRight(int exitCode, String arguments, String message) throws Exception {
        var run = ToolRun.start(NsqStat.TOOL, arguments.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith(message);
    }
}
