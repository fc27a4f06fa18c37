package io.waystation.broker;

import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The texts are nsqd's; clients and their test suites compare them.
class ProtocolErrorTest {
    @TempDir
    Path data;

    private @Nullable TestBroker running;

    @BeforeEach
    void start() throws IOException, UsageException {
        running = new TestBroker(data, "--max-msg-size=100", "--max-body-size=1000", "--max-rdy-count=50");
    }

    @AfterEach
    void stop() throws IOException {
        broker().close();
    }

    private TestBroker broker() {
        var started = running;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
                    pub t\\n                              ~ E_INVALID invalid command pub
                    \\n                                   ~ 'E_INVALID invalid command '
                    PUB\\n                                ~ E_INVALID PUB insufficient number of parameters
                    PUB a*b\\n                            ~ E_BAD_TOPIC PUB topic name "a*b" is not valid
                    PUB t\\n\\0\\0\\0\\0                  ~ E_BAD_MESSAGE PUB invalid message body size 0
                    PUB t\\n\\0\\0\\0i                    ~ E_BAD_MESSAGE PUB message too big 105 > 100
                    MPUB a*b\\n                           ~ E_BAD_TOPIC E_BAD_TOPIC MPUB topic name "a*b" is not valid
                    MPUB t\\n\\0\\0\\4|                   ~ E_BAD_BODY MPUB body too big 1148 > 1000
                    MPUB t\\n\\0\\0\\0\\7\\0\\0\\0\\0     ~ E_BAD_BODY MPUB invalid message count 0
                    MPUB t\\n\\0\\0\\0\\7\\0\\0\\0\\1\\0\\0\\0\\0 ~ E_BAD_MESSAGE MPUB invalid message(0) body size 0
                    DPUB t 3600100\\n                     ~ E_INVALID DPUB timeout 3600100 out of range 0-3600000
                    DPUB t x\\n                           ~ E_INVALID DPUB could not parse timeout x
                    DPUB t\\n                             ~ E_INVALID DPUB insufficient number of parameters
                    SUB t\\n                              ~ E_INVALID SUB insufficient number of parameters
                    SUB a*b c\\n                          ~ E_BAD_TOPIC SUB topic name "a*b" is not valid
                    SUB t a*b\\n                          ~ E_BAD_CHANNEL SUB channel name "a*b" is not valid
                    RDY 1\\n                              ~ E_INVALID cannot RDY in current state
                    FIN 0123456789abcdef\\n               ~ E_INVALID cannot FIN in current state
                    REQ 0123456789abcdef 0\\n             ~ E_INVALID cannot REQ in current state
                    TOUCH 0123456789abcdef\\n             ~ E_INVALID cannot TOUCH in current state
                    CLS\\n                                ~ E_INVALID cannot CLS in current state
                    AUTH x\\n                             ~ E_INVALID AUTH invalid number of parameters
                    AUTH\\n\\0\\0\\0\\1x                  ~ E_AUTH_DISABLED AUTH disabled
                    IDENTIFY\\n\\0\\0\\0\\0               ~ E_BAD_BODY IDENTIFY invalid body size 0
                    IDENTIFY\\n\\0\\0\\0\\1[              ~ E_BAD_BODY IDENTIFY failed to decode JSON body
                    SUB t c\\nRDY 51\\n                   ~ E_INVALID RDY count 51 out of range 0-50
                    SUB t c\\nRDY -1\\n                   ~ E_INVALID RDY could not parse count -1
                    SUB t c\\nFIN 1\\n                    ~ E_INVALID invalid message ID
                    SUB t c\\nFIN\\n                      ~ E_INVALID FIN insufficient number of params
                    SUB t c\\nREQ 0123456789abcdef\\n     ~ E_INVALID REQ insufficient number of params
                    SUB t c\\nREQ 0123456789abcdef x\\n   ~ E_INVALID REQ could not parse timeout x
                    SUB t c\\nSUB t c\\n                  ~ E_INVALID cannot SUB in current state
                    SUB t c\\nIDENTIFY\\n                 ~ E_INVALID cannot IDENTIFY in current state
                    """)
    void fatalErrorsAreToldAndEndTheConnection(String input, String error) throws IOException {
        var bytes = unescape(input);
        for (boolean byteByByte : new boolean[] {false, true}) {
            try (var client = TestClient.open(broker().port())) {
                if (byteByByte) {
                    client.sendByteByByte(bytes);
                } else {
                    client.send(bytes);
                }

                assertThat(client.lastResponseBeforeClose()).isEqualTo(error);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
                    {"heartbeat_interval":100}      ~ E_BAD_BODY IDENTIFY heartbeat interval (100) is invalid
                    {"output_buffer_timeout":1}     ~ E_BAD_BODY IDENTIFY output buffer timeout (1) is invalid
                    {"output_buffer_size":1}        ~ E_BAD_BODY IDENTIFY output buffer size (1) is invalid
                    {"sample_rate":100}             ~ E_BAD_BODY IDENTIFY sample rate (100) is invalid
                    {"msg_timeout":1}               ~ E_BAD_BODY IDENTIFY msg timeout (1) is invalid
                    {"msg_timeout":"1"}             ~ E_BAD_BODY IDENTIFY failed to decode JSON body
                    """)
    void identifyOutOfRangeIsRefused(String body, String error) throws IOException {
        try (var client = TestClient.open(broker().port())) {
            client.send("IDENTIFY\n" + sized(body));

            assertThat(client.lastResponseBeforeClose()).isEqualTo(error);
        }
    }

    @Test
    void softErrorsLeaveTheConnectionOpen() throws IOException {
        try (var client = TestClient.consumer(broker().port(), "soft", "c", 1)) {
            client.send("FIN 0123456789abcdef\n");
            client.expect("E_FIN_FAILED FIN 0123456789abcdef failed ID not in flight");
            client.send("REQ 0123456789abcdef 0\n");
            client.expect("E_REQ_FAILED REQ 0123456789abcdef failed ID not in flight");
            client.send("TOUCH zzzzzzzzzzzzzzzz\n");
            client.expect("E_TOUCH_FAILED TOUCH zzzzzzzzzzzzzzzz failed ID not in flight");

            client.send("CLS\n");

            client.expect("CLOSE_WAIT");
        }
    }

    @Test
    void wrongMagicIsToldAndClosed() throws IOException {
        try (var client = new TestClient(broker().port())) {
            client.send("GET ");

            assertThat(client.lastResponseBeforeClose()).isEqualTo("E_BAD_PROTOCOL");
        }
    }

    @Test
    void anEndlessLineIsClosedWithoutAWord() throws IOException {
        try (var client = TestClient.open(broker().port())) {
            client.send("PUB " + "x".repeat(20_000));

            assertThat(client.lastResponseBeforeClose()).isNull();
        }
    }

    @Test
    void negotiationIsAnsweredInNsqdsOrder() throws IOException {
        try (var client = TestClient.open(broker().port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"tls_v1\":true,\"snappy\":true}"));

            assertThat(client.response())
                    .startsWith(
                            "{\"max_rdy_count\":50,\"version\":\"1.3.0\",\"max_msg_timeout\":900000,\"msg_timeout\":60000,"
                                    + "\"tls_v1\":false,\"deflate\":false,\"deflate_level\":6,\"max_deflate_level\":6,\"snappy\":false,"
                                    + "\"sample_rate\":0,\"auth_required\":false,\"output_buffer_size\":16384,"
                                    + "\"output_buffer_timeout\":250,\"topology_region\":\"\",\"topology_zone\":\"\"");
        }
    }

    /// `\\n` is a newline, a backslash and a digit a byte of that value.
    private static String unescape(String text) {
        var bytes = text.replace("\\n", "\n");
        for (int value = 0; value < 10; value++) {
            bytes = bytes.replace("\\" + value, String.valueOf((char) value));
        }
        return bytes;
    }
}
