package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.wire.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a connection makes of a broker that does not behave.
class NsqConnectionTest {
    private static final ClientOptions OPTIONS =
            ClientOptions.defaults("vm", "test/1").with("read_timeout", "5s").with("heartbeat_interval", "1s");

    /// Remembers why the connection ended.
    private static final class End implements NsqConnection.Listener {
        private final CompletableFuture<String> cause = new CompletableFuture<>();

        @Override
        public void onMessage(Message message) {}

        @Override
        public void onResponse(String payload) {}

        @Override
        public void onError(String payload) {}

        @Override
        public void onClosed(String why) {
            cause.complete(why);
        }

        String await() throws Exception {
            return cause.get(10, TimeUnit.SECONDS);
        }
    }

    private static NsqConnection connect(ScriptedServer server, NsqConnection.Listener listener) throws IOException {
        return new NsqConnection(BrokerAddress.parse(server.address()), OPTIONS, listener);
    }

    private static byte[] frame(int size, int type, int length) {
        return ByteBuffer.allocate(Frames.HEADER_LENGTH + length)
                .putInt(size)
                .putInt(type)
                .array();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, Integer.MAX_VALUE})
    void aFrameOfAnImpossibleSizeEndsTheConnection(int size) throws Exception {
        var end = new End();

        try (var server = new ScriptedServer("OK", frame(size, Frames.RESPONSE, 0));
                var connection = connect(server, end)) {
            connection.start();

            assertThat(end.await()).isEqualTo("a frame of " + size + " bytes (expected: 4..268435456)");
        }
    }

    @Test
    void aMessageThatIsTooShortEndsTheConnection() throws Exception {
        var end = new End();

        try (var server = new ScriptedServer("OK", frame(4 + 25, Frames.MESSAGE, 25));
                var connection = connect(server, end)) {
            connection.start();

            assertThat(end.await()).isEqualTo("a message of 25 bytes (expected: at least 26)");
        }
    }

    @Test
    void anHttpAnswerIsNoBroker() throws Exception {
        try (var broker = new LiveLookup()) {
            assertThatThrownBy(() -> new NsqConnection(BrokerAddress.parse(broker.httpAddress()), OPTIONS, new End()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("a frame of 1213486160 bytes (expected: 4..268435456)");
        }
    }

    @Test
    void theAnswerToIdentifySaysHowMuchMayBeAskedFor() throws Exception {
        try (var server = new ScriptedServer("{\"max_rdy_count\":17}");
                var connection = connect(server, new End())) {
            assertThat(connection.maxReady()).isEqualTo(17);
        }
    }

    @Test
    void aBrokerThatDoesNotNegotiateAllows2500() throws Exception {
        try (var server = new ScriptedServer("OK");
                var connection = connect(server, new End())) {
            assertThat(connection.maxReady()).isEqualTo(2500);
        }
    }
}
