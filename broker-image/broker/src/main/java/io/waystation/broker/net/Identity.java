package io.waystation.broker.net;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What a client said of itself with IDENTIFY and what was agreed on; times in ms. Confined to its connection's loop.
final class Identity {
    /// The version of nsqd that clients are to see: some refuse features to versions that they do not know.
    static final String NSQD_VERSION = "1.3.0";

    private static final long DEFAULT_HEARTBEAT_MS = 30_000;
    private static final int DEFAULT_OUTPUT_BUFFER_SIZE = 16 * 1024;
    private static final int MIN_OUTPUT_BUFFER_SIZE = 64;
    private static final long MIN_INTERVAL_MS = 1000;
    private static final int MAX_SAMPLE_RATE = 99;
    private static final int DEFAULT_DEFLATE_LEVEL = 6;
    /// The first byte of one in UTF-8, with which no JSON begins.
    private static final byte BYTE_ORDER_MARK = (byte) 0xef;
    /// Characters that are kept of each name that a client gives itself. NSQ takes any length; a longer one is cut.
    static final int MAX_NAME_LENGTH = 256;

    /// As deep as Go reads.
    private static final int MAX_NESTING = 10_000;

    /// Nothing is remembered of clients' keys.
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .characterEscapes(new GoEscapes())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final Limits limits;
    private final Features features;
    /// Connections that may use Deflate; whoever finds no room goes without, as where it is switched off.
    private final Room deflating;
    private String clientId;
    private String hostname;
    private String userAgent = "";
    private String topologyRegion = "";
    private String topologyZone = "";
    private boolean featureNegotiation;
    private long heartbeatMs = DEFAULT_HEARTBEAT_MS;
    private int outputBufferSize = DEFAULT_OUTPUT_BUFFER_SIZE;
    private long outputBufferTimeoutMs;
    private long messageTimeoutMs;
    private boolean messageTimeoutAsked;
    private int sampleRate;
    private Layers layers = Layers.NONE;
    private int deflateLevel;

    Identity(Limits limits, Features features, Room deflating, String remoteHost) {
        this.limits = limits;
        this.features = features;
        this.deflating = deflating;
        this.clientId = remoteHost;
        this.hostname = remoteHost;
        this.outputBufferTimeoutMs = limits.outputBufferTimeoutMs();
        this.messageTimeoutMs = limits.messageTimeoutMs();
    }

    String clientId() {
        return clientId;
    }

    String hostname() {
        return hostname;
    }

    String userAgent() {
        return userAgent;
    }

    String topologyRegion() {
        return topologyRegion;
    }

    String topologyZone() {
        return topologyZone;
    }

    boolean featureNegotiation() {
        return featureNegotiation;
    }

    /// 0: no heartbeats.
    long heartbeatMs() {
        return heartbeatMs;
    }

    int outputBufferSize() {
        return outputBufferSize;
    }

    /// 0: messages are not held back.
    long outputBufferTimeoutMs() {
        return outputBufferTimeoutMs;
    }

    /// The message timeout that the client asked for; 0: none.
    long askedMessageTimeoutMs() {
        return messageTimeoutAsked ? messageTimeoutMs : 0;
    }

    int sampleRate() {
        return sampleRate;
    }

    /// What the latest IDENTIFY asks for and gets beside plain bytes.
    Layers layers() {
        return layers;
    }

    /// Reads an IDENTIFY body and takes it over when all of it is right.
    ///
    /// @param upgraded layers stand already, so none are put on top
    void apply(byte[] body, boolean upgraded) throws ProtocolException {
        var request = Request.parse(body);
        long heartbeat = request.heartbeatInterval;
        if (heartbeat != 0 && heartbeat != -1) {
            check(
                    heartbeat >= MIN_INTERVAL_MS && heartbeat <= limits.maxHeartbeatIntervalMs(),
                    "heartbeat interval",
                    heartbeat);
        }
        long timeout = request.outputBufferTimeout;
        if (timeout != 0 && timeout != -1) {
            check(
                    timeout >= limits.minOutputBufferTimeoutMs() && timeout <= limits.maxOutputBufferTimeoutMs(),
                    "output buffer timeout",
                    timeout);
        }
        long size = request.outputBufferSize;
        if (size != 0 && size != -1) {
            check(size >= MIN_OUTPUT_BUFFER_SIZE && size <= limits.maxOutputBufferSize(), "output buffer size", size);
        }
        check(request.sampleRate >= 0 && request.sampleRate <= MAX_SAMPLE_RATE, "sample rate", request.sampleRate);
        long messageTimeout = request.msgTimeout;
        if (messageTimeout != 0) {
            check(
                    messageTimeout >= MIN_INTERVAL_MS && messageTimeout <= limits.maxMessageTimeoutMs(),
                    "msg timeout",
                    messageTimeout);
        }
        take(request);
        deflateLevel = deflateLevel(request);
        layers = request.featureNegotiation && !upgraded ? layers(request) : Layers.NONE;
    }

    private boolean wantsDeflate(Request request) {
        return request.deflate && features.deflate();
    }

    /// Answered also when deflate is off.
    private int deflateLevel(Request request) {
        boolean given = wantsDeflate(request) && request.deflateLevel > 0;
        return (int) Math.min(given ? request.deflateLevel : DEFAULT_DEFLATE_LEVEL, limits.maxDeflateLevel());
    }

    private Layers layers(Request request) throws ProtocolException {
        boolean snappy = request.snappy && features.snappy();
        boolean deflate = wantsDeflate(request);
        if (snappy && deflate) {
            throw new ProtocolException(
                    ProtocolError.E_IDENTIFY_FAILED, "cannot enable both deflate and snappy compression");
        }
        boolean hasRoom = deflate && deflating.take(1);
        return new Layers(request.tls && features.tls() != null, snappy, hasRoom ? deflateLevel : 0);
    }

    private void take(Request request) {
        clientId = request.clientId;
        hostname = request.hostname;
        userAgent = request.userAgent;
        topologyRegion = request.topologyRegion;
        topologyZone = request.topologyZone;
        featureNegotiation = request.featureNegotiation;
        sampleRate = (int) request.sampleRate;
        if (request.heartbeatInterval != 0) {
            heartbeatMs = request.heartbeatInterval == -1 ? 0 : request.heartbeatInterval;
        }
        if (request.outputBufferTimeout != 0) {
            outputBufferTimeoutMs = request.outputBufferTimeout == -1 ? 0 : request.outputBufferTimeout;
        }
        if (request.outputBufferSize == -1) {
            outputBufferSize = 1;
            outputBufferTimeoutMs = 0;
        } else if (request.outputBufferSize != 0) {
            outputBufferSize = (int) request.outputBufferSize;
        }
        if (request.msgTimeout != 0) {
            messageTimeoutMs = request.msgTimeout;
            messageTimeoutAsked = true;
        }
    }

    private static void check(boolean inRange, String what, long value) throws ProtocolException {
        if (!inRange) {
            throw new ProtocolException(ProtocolError.E_BAD_BODY, "IDENTIFY " + what + " (" + value + ") is invalid");
        }
    }

    /// The answer to a client that negotiates: what holds for this connection, keys in NSQ's order.
    String answer(String ownVersion) {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("max_rdy_count", limits.commands().maxReadyCount());
            json.writeStringField("version", NSQD_VERSION);
            json.writeNumberField("max_msg_timeout", limits.maxMessageTimeoutMs());
            json.writeNumberField("msg_timeout", messageTimeoutMs);
            json.writeBooleanField("tls_v1", layers.tls());
            json.writeBooleanField("deflate", layers.deflate());
            json.writeNumberField("deflate_level", deflateLevel);
            json.writeNumberField("max_deflate_level", limits.maxDeflateLevel());
            json.writeBooleanField("snappy", layers.snappy());
            json.writeNumberField("sample_rate", sampleRate);
            json.writeBooleanField("auth_required", features.auth() != null);
            json.writeNumberField("output_buffer_size", outputBufferSize);
            json.writeNumberField("output_buffer_timeout", outputBufferTimeoutMs);
            json.writeStringField("topology_region", features.topology().region());
            json.writeStringField("topology_zone", features.topology().zone());
            json.writeStringField("waystation_version", ownVersion);
            // Says that XPUB is understood, and with which attributes.
            json.writeArrayFieldStart("xpub");
            for (var attribute : PublishAttributes.NAMES) {
                json.writeString(attribute);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /// An IDENTIFY body as it came. Keys match in any case, unknown ones are ignored, null is as good as absent.
    private static final class Request {
        String clientId = "";
        String hostname = "";
        String userAgent = "";
        String topologyRegion = "";
        String topologyZone = "";
        boolean featureNegotiation;
        long heartbeatInterval;
        long outputBufferSize;
        long outputBufferTimeout;
        long sampleRate;
        long msgTimeout;
        boolean tls;
        boolean snappy;
        boolean deflate;
        long deflateLevel;

        static Request parse(byte[] body) throws ProtocolException {
            var request = new Request();
            // As Go reads it: UTF-8 and nothing else, what is none replaced, no byte order mark.
            try (var json = JSON.createParser(new String(body, StandardCharsets.UTF_8))) {
                var first = body[0] == BYTE_ORDER_MARK ? null : json.nextToken();
                if (first == JsonToken.START_OBJECT) {
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        var key = json.currentName().toLowerCase(Locale.ROOT);
                        json.nextToken();
                        request.read(key, json);
                    }
                } else if (first != JsonToken.VALUE_NULL) {
                    throw new IOException("not an object");
                }
                if (json.nextToken() != null) {
                    throw new IOException("more than one value");
                }
            } catch (IOException malformed) {
                throw new ProtocolException(ProtocolError.E_BAD_BODY, "IDENTIFY failed to decode JSON body");
            }
            return request;
        }

        private void read(String key, JsonParser json) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            switch (key) {
                case "client_id" -> clientId = text(json);
                case "hostname" -> hostname = text(json);
                case "user_agent" -> userAgent = text(json);
                case "topology_region" -> topologyRegion = text(json);
                case "topology_zone" -> topologyZone = text(json);
                case "feature_negotiation" -> featureNegotiation = bool(json);
                case "heartbeat_interval" -> heartbeatInterval = integer(json);
                case "output_buffer_size" -> outputBufferSize = integer(json);
                case "output_buffer_timeout" -> outputBufferTimeout = integer(json);
                case "sample_rate" -> sampleRate = int32(json);
                case "msg_timeout" -> msgTimeout = integer(json);
                case "tls_v1" -> tls = bool(json);
                case "deflate" -> deflate = bool(json);
                case "deflate_level" -> deflateLevel = integer(json);
                case "snappy" -> snappy = bool(json);
                default -> json.skipChildren();
            }
        }

        private static String text(JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.VALUE_STRING);
            var text = json.getText();
            if (text.length() <= MAX_NAME_LENGTH) {
                return text;
            }
            boolean inPair = Character.isHighSurrogate(text.charAt(MAX_NAME_LENGTH - 1));
            return text.substring(0, inPair ? MAX_NAME_LENGTH - 1 : MAX_NAME_LENGTH);
        }

        private static boolean bool(JsonParser json) throws IOException {
            require(json.currentToken().isBoolean());
            return json.getBooleanValue();
        }

        private static long integer(JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.VALUE_NUMBER_INT);
            return json.getLongValue();
        }

        /// Go's field has 32 bits, and what does not fit is of the wrong type.
        private static int int32(JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.VALUE_NUMBER_INT);
            return json.getIntValue();
        }

        private static void require(boolean rightType) throws IOException {
            if (!rightType) {
                throw new IOException("wrong type");
            }
        }
    }
}
