package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpCallsTest {
    private final HttpCalls http = new HttpCalls(Duration.ofSeconds(5), Duration.ofMillis(200));

    @Test
    void anErrorCarriesTheAnswer() throws Exception {
        try (var lookup = new LiveLookup()) {
            assertThatThrownBy(() -> http.producers(lookup.httpAddress(), "no-topic", "tcp_port"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("got response 404 \"{\"message\":\"TOPIC_NOT_FOUND\"}\" for http://"
                            + lookup.httpAddress() + "/lookup?topic=no-topic");
        }
    }

    @Test
    void anAddressMayBeAUrl() throws Exception {
        try (var lookup = new LiveLookup()) {
            var topics = http.get("http://" + lookup.httpAddress() + "/", "/topics")
                    .get("topics")
                    .elements();

            assertThat(topics).isEmpty();
        }
    }

    @Test
    void whatIsNoAddressIsSaid() {
        assertThatThrownBy(() -> http.get("not an address", "/ping"))
                .isInstanceOf(IOException.class)
                .hasMessage("address 'not an address' (expected: host:port or an http URL)");
        assertThatThrownBy(() -> http.get("file:///etc", "/hosts"))
                .isInstanceOf(IOException.class)
                .hasMessage("address 'file:///etc' (expected: host:port or an http URL)");
    }

    @Test
    void anAnswerMustNotTakeLongerThanTheRequestTimeout() throws Exception {
        try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> http.get("127.0.0.1:" + silent.getLocalPort(), "/ping"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("timed out");
        }
    }

    @Test
    void jsonIsReadIntoValuesOfEachKind() throws Exception {
        var json = JsonValue.parse(new ByteArrayInputStream(
                "{\"a\":[1,2],\"s\":\"text\",\"n\":null,\"o\":{\"k\":7}}".getBytes(StandardCharsets.UTF_8)));

        assertThat(json.get("a").elements()).extracting(JsonValue::number).containsExactly(1L, 2L);
        assertThat(json.get("s").text()).isEqualTo("text");
        assertThat(json.get("n").text()).isEmpty();
        assertThat(json.get("o").get("k").number()).isEqualTo(7);
        assertThat(json.get("absent").get("below").elements()).isEmpty();
    }
}
