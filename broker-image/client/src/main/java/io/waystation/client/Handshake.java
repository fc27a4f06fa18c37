package io.waystation.client;

import com.fasterxml.jackson.core.JsonFactory;
import io.waystation.wire.Frames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/// What is said before the first command: who we are, what lies between socket and protocol from then on, and why
/// we may do what we want. Blocks; confined to the thread that connects.
///
/// ```
///   IDENTIFY -> JSON [-> TLS -> OK] [-> Snappy or Deflate -> OK] [-> AUTH -> JSON]
/// ```
final class Handshake {
    /// What brokers allow that do not say what they allow.
    private static final int DEFAULT_MAX_READY = 2500;

    private static final byte[] MAGIC = "  V2".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOP = "NOP\n".getBytes(StandardCharsets.US_ASCII);
    private static final String OK = "OK";
    private static final JsonFactory JSON = new JsonFactory();

    private final FrameStream stream;
    private final BrokerAddress address;
    private final ClientOptions options;

    Handshake(FrameStream stream, BrokerAddress address, ClientOptions options) {
        this.stream = stream;
        this.address = address;
        this.options = options;
    }

    /// Does all of it; what the broker allows as RDY count.
    int run() throws IOException {
        stream.write(MAGIC);
        stream.write(FrameStream.command("IDENTIFY\n", identity().getBytes(StandardCharsets.UTF_8)));
        var answer = response("IDENTIFY");
        if (!answer.startsWith("{")) {
            require(!options.tlsV1(), "TLS");
            require(options.authSecret().isEmpty(), "AUTH");
            return DEFAULT_MAX_READY;
        }
        var agreed = JsonValue.parse(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
        upgrade(agreed);
        if (agreed.get("auth_required").isTrue()) {
            authenticate();
        }
        long count = agreed.get("max_rdy_count").number();
        return count > 0 && count <= Integer.MAX_VALUE ? (int) count : DEFAULT_MAX_READY;
    }

    private String identity() throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("client_id", options.clientId());
            json.writeStringField("hostname", options.hostname());
            json.writeStringField("user_agent", options.userAgent());
            json.writeBooleanField("feature_negotiation", true);
            json.writeNumberField(
                    "heartbeat_interval", options.heartbeatInterval().toMillis());
            json.writeNumberField("output_buffer_size", options.outputBufferSize());
            json.writeNumberField(
                    "output_buffer_timeout", options.outputBufferTimeout().toMillis());
            json.writeNumberField("sample_rate", options.sampleRate());
            json.writeNumberField("msg_timeout", options.msgTimeout().toMillis());
            json.writeBooleanField("tls_v1", options.tlsV1());
            json.writeBooleanField("snappy", options.snappy());
            json.writeBooleanField("deflate", options.deflate());
            json.writeNumberField("deflate_level", options.deflateLevel());
            json.writeEndObject();
        }
        return text.toString();
    }

    /// A broker without compression is spoken to without it; one without TLS is not spoken to in clear.
    private void upgrade(JsonValue agreed) throws IOException {
        boolean encrypts = agreed.get("tls_v1").isTrue();
        require(encrypts || !options.tlsV1(), "TLS");
        if (encrypts) {
            stream.startTls(new BrokerTls(options), address);
            expectOk("TLS");
        }
        if (agreed.get("snappy").isTrue()) {
            stream.startSnappy();
            expectOk("Snappy");
        } else if (agreed.get("deflate").isTrue()) {
            long level = agreed.get("deflate_level").number();
            stream.startDeflate(level >= 1 && level <= 9 ? (int) level : options.deflateLevel());
            expectOk("Deflate");
        }
    }

    private static void require(boolean held, String what) throws IOException {
        if (!held) {
            throw new IOException("the broker does not do " + what + " (expected: one that does, as the options ask)");
        }
    }

    private void expectOk(String layer) throws IOException {
        var answer = response(layer);
        if (!answer.equals(OK)) {
            throw new IOException(layer + " was answered " + answer + " (expected: OK)");
        }
    }

    private void authenticate() throws IOException {
        if (options.authSecret().isEmpty()) {
            throw new IOException("the broker requires AUTH (expected: the option auth_secret)");
        }
        stream.write(FrameStream.command("AUTH\n", options.authSecret().getBytes(StandardCharsets.UTF_8)));
        response("AUTH");
    }

    /// The answer to what was asked; heartbeats may come before it.
    private String response(String asked) throws IOException {
        while (true) {
            var frame = stream.frame();
            int type = frame.getInt();
            var payload = StandardCharsets.UTF_8.decode(frame).toString();
            if (FrameStream.isHeartbeat(type, payload)) {
                stream.write(NOP);
            } else if (type == Frames.RESPONSE) {
                return payload;
            } else {
                throw new IOException(asked + " was answered " + payload);
            }
        }
    }
}
