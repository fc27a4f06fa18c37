package io.waystation.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.wire.Names;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One broker's connection, protocol V1: lines in, each answered by `int32 length` and a payload. Runs on a virtual
/// thread
/// of its own, which may wait; brokers are few and say little.
///
/// Every error ends the connection, and with it all that the broker registered.
final class LookupConnection {
    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int MAX_BODY_BYTES = 1024 * 1024;
    private static final int MAGIC_TIMEOUT_MS = 10_000;
    private static final byte[] MAGIC = "  V1".getBytes(StandardCharsets.US_ASCII);
    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(LookupConnection.class);

    /// What the peer did wrong, in NSQ's words.
    private static final class PeerException extends Exception {
        private static final long serialVersionUID = 1;

        PeerException(String payload) {
            super(payload, null, false, false);
        }
    }

    private final Socket socket;
    private final RegistrationDb registrations;
    private final Supplier<String> description;
    private final int silenceMs;
    private final String remoteAddress;
    private final DataInputStream input;
    private final OutputStream output;
    private @Nullable Producer producer;

    /// @param description the answer to IDENTIFY: this lookup, as JSON
    /// @param silenceMs a broker that says nothing for so long is gone
    LookupConnection(Socket socket, RegistrationDb registrations, Supplier<String> description, int silenceMs)
            throws IOException {
        this.socket = socket;
        this.registrations = registrations;
        this.description = description;
        this.silenceMs = silenceMs;
        this.remoteAddress = socket.getInetAddress().getHostAddress() + ":" + socket.getPort();
        this.input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.output = socket.getOutputStream();
    }

    /// Serves until the connection ends.
    void run() {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(MAGIC_TIMEOUT_MS);
            var magic = input.readNBytes(MAGIC.length);
            if (magic.length < MAGIC.length) {
                return;
            }
            if (!Arrays.equals(magic, MAGIC)) {
                reply("E_BAD_PROTOCOL");
                return;
            }
            socket.setSoTimeout(silenceMs);
            var line = readLine();
            while (line != null) {
                reply(run(line.strip().split(" ", -1)));
                line = readLine();
            }
        } catch (PeerException problem) {
            replyLast(String.valueOf(problem.getMessage()));
        } catch (IOException gone) {
            LOG.atDebug()
                    .addKeyValue("client", remoteAddress)
                    .addKeyValue("cause", gone.getMessage())
                    .log("client lost");
        } finally {
            var known = producer;
            if (known != null) {
                registrations.remove(known);
                LOG.atInfo().addKeyValue("client", remoteAddress).log("broker left");
            }
        }
    }

    /// The next line without its newline; null at the end of the stream, where a line cut short is nothing.
    private @Nullable String readLine() throws IOException, PeerException {
        var line = new StringBuilder();
        while (line.length() < MAX_LINE_BYTES) {
            int next = input.read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                return line.toString();
            }
            line.append((char) next);
        }
        throw new PeerException("E_INVALID line longer than " + MAX_LINE_BYTES + " bytes");
    }

    private String run(String[] words) throws IOException, PeerException {
        return switch (words[0]) {
            case "PING" -> ping();
            case "IDENTIFY" -> identify();
            case "REGISTER" -> register(words);
            case "UNREGISTER" -> unregister(words);
            default -> throw new PeerException("E_INVALID invalid command " + words[0]);
        };
    }

    private String ping() {
        var known = producer;
        if (known != null) {
            registrations.seen(known);
        }
        return "OK";
    }

    private String identify() throws IOException, PeerException {
        if (producer != null) {
            throw new PeerException("E_INVALID cannot IDENTIFY again");
        }
        int size;
        try {
            size = input.readInt();
        } catch (EOFException cut) {
            throw new PeerException("E_BAD_BODY IDENTIFY failed to read body size");
        }
        if (size <= 0 || size > MAX_BODY_BYTES) {
            throw new PeerException("E_BAD_BODY IDENTIFY failed to read body");
        }
        var body = input.readNBytes(size);
        if (body.length < size) {
            throw new PeerException("E_BAD_BODY IDENTIFY failed to read body");
        }
        var peer = parse(body);
        if (peer.broadcastAddress().isEmpty()
                || peer.tcpPort() == 0
                || peer.httpPort() == 0
                || peer.version().isEmpty()) {
            throw new PeerException("E_BAD_BODY IDENTIFY missing fields");
        }
        producer = registrations.identify(remoteAddress, peer);
        LOG.atInfo()
                .addKeyValue("client", remoteAddress)
                .addKeyValue("broadcastAddress", peer.broadcastAddress())
                .addKeyValue("tcpPort", peer.tcpPort())
                .log("broker joined");
        return description.get();
    }

    private static Producer.Peer parse(byte[] body) throws PeerException {
        var broadcastAddress = "";
        var hostname = "";
        var version = "";
        var zone = "";
        var region = "";
        int tcpPort = 0;
        int httpPort = 0;
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "broadcast_address" -> broadcastAddress = json.getText();
                    case "hostname" -> hostname = json.getText();
                    case "version" -> version = json.getText();
                    case "topology_zone" -> zone = json.getText();
                    case "topology_region" -> region = json.getText();
                    case "tcp_port" -> tcpPort = json.getIntValue();
                    case "http_port" -> httpPort = json.getIntValue();
                    default -> json.skipChildren();
                }
            }
        } catch (IOException malformed) {
            throw new PeerException("E_BAD_BODY IDENTIFY failed to decode JSON body");
        }
        return new Producer.Peer(broadcastAddress, hostname, tcpPort, httpPort, version, zone, region);
    }

    private String register(String[] words) throws PeerException {
        var known = identified();
        registrations.register(known, topic("REGISTER", words), channel("REGISTER", words));
        return "OK";
    }

    private String unregister(String[] words) throws PeerException {
        var known = identified();
        registrations.unregister(known, topic("UNREGISTER", words), channel("UNREGISTER", words));
        return "OK";
    }

    private Producer identified() throws PeerException {
        var known = producer;
        if (known == null) {
            throw new PeerException("E_INVALID client must IDENTIFY");
        }
        return known;
    }

    private static String topic(String command, String[] words) throws PeerException {
        if (words.length < 2) {
            throw new PeerException("E_INVALID " + command + " insufficient number of params");
        }
        if (!Names.isValid(words[1])) {
            throw new PeerException("E_BAD_TOPIC " + command + " topic name '" + words[1] + "' is not valid");
        }
        return words[1];
    }

    private static @Nullable String channel(String command, String[] words) throws PeerException {
        if (words.length < 3 || words[2].isEmpty()) {
            return null;
        }
        if (!Names.isValid(words[2])) {
            throw new PeerException("E_BAD_CHANNEL " + command + " channel name '" + words[2] + "' is not valid");
        }
        return words[2];
    }

    private void reply(String payload) throws IOException {
        var bytes = payload.getBytes(StandardCharsets.UTF_8);
        output.write(ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array());
        output.flush();
    }

    private void replyLast(String payload) {
        try {
            reply(payload);
            socket.shutdownOutput();
        } catch (IOException gone) {
            LOG.atDebug()
                    .addKeyValue("client", remoteAddress)
                    .addKeyValue("cause", gone.getMessage())
                    .log("client lost");
        }
    }

    /// How a lookup describes itself.
    static String describe(String broadcastAddress, String hostname, int httpPort, int tcpPort, String version) {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("broadcast_address", broadcastAddress);
            json.writeStringField("hostname", hostname);
            json.writeNumberField("http_port", httpPort);
            json.writeNumberField("tcp_port", tcpPort);
            json.writeStringField("version", version);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.toString();
    }
}
