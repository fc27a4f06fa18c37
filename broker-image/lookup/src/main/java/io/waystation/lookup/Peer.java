package io.waystation.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// How a broker describes itself in IDENTIFY. Immutable.
record Peer(
        String broadcastAddress,
        String hostname,
        int tcpPort,
        int httpPort,
        String version,
        String topologyZone,
        String topologyRegion) {
    private static final JsonFactory JSON = new JsonFactory();

    /// How nsqadmin names a node.
    String node() {
        return broadcastAddress + ":" + httpPort;
    }

    /// Whether everything is there that a consumer needs.
    boolean isComplete() {
        return !broadcastAddress.isEmpty() && tcpPort != 0 && httpPort != 0 && !version.isEmpty();
    }

    /// Reads what Go's decoder reads: null is nothing, absent fields stay empty, the last of equal keys counts, stray
    /// bytes in texts are replaced.
    ///
    /// @throws IOException when it is no JSON object, or a field has the wrong type
    static Peer parse(byte[] body) throws IOException {
        var broadcastAddress = "";
        var hostname = "";
        int tcpPort = 0;
        int httpPort = 0;
        var version = "";
        var zone = "";
        var region = "";
        try (var json = JSON.createParser(new String(body, StandardCharsets.UTF_8))) {
            if (json.nextToken() != JsonToken.START_OBJECT && json.currentToken() != JsonToken.VALUE_NULL) {
                throw new IOException("no object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "broadcast_address" -> broadcastAddress = text(json, broadcastAddress);
                    case "hostname" -> hostname = text(json, hostname);
                    case "tcp_port" -> tcpPort = number(json, tcpPort);
                    case "http_port" -> httpPort = number(json, httpPort);
                    case "version" -> version = text(json, version);
                    case "topology_zone" -> zone = text(json, zone);
                    case "topology_region" -> region = text(json, region);
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw new IOException("more than one value");
            }
        }
        return new Peer(broadcastAddress, hostname, tcpPort, httpPort, version, zone, region);
    }

    private static String text(JsonParser json, String before) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_STRING -> json.getText();
            case VALUE_NULL -> before;
            default -> throw new IOException(json.currentName() + ": no text");
        };
    }

    private static int number(JsonParser json, int before) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_NUMBER_INT -> json.getIntValue();
            case VALUE_NULL -> before;
            default -> throw new IOException(json.currentName() + ": no whole number");
        };
    }
}
