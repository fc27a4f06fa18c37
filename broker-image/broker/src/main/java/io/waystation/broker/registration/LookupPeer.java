package io.waystation.broker.registration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The long-lived connection to one lookup: IDENTIFY, REGISTER of everything, then changes as they come and a PING
/// every 15 s. Runs on a virtual thread of its own; others hand it commands through a bounded queue and read its
/// address.
///
/// After any failure it connects anew at the next command, at the latest at the next PING, and begins from the
/// start, so the lookup always ends up with the whole truth.
final class LookupPeer {
    private static final int TIMEOUT_MS = 1000;
    private static final long PING_INTERVAL_S = 15;
    private static final long RETRY_INTERVAL_MS = 1000;
    /// Changes that wait to be told. Beyond, the connection is made anew, which tells everything.
    private static final int MAX_QUEUED = 10_000;

    private static final int MAX_ANSWER_BYTES = 5 * 1024 * 1024;
    private static final byte[] MAGIC = "  V1".getBytes(StandardCharsets.US_ASCII);
    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(LookupPeer.class);

    private final String address;
    private final Supplier<SelfDescription> self;
    private final Supplier<List<String>> registrations;
    private final BlockingQueue<String> changes = new ArrayBlockingQueue<>(MAX_QUEUED);
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean stale;
    /// Where the lookup's HTTP API is, by its own words; null while it is not connected.
    private volatile @Nullable String httpAddress;

    private @Nullable Socket socket;
    private boolean unreachableLogged;

    /// @param registrations all REGISTER commands that make the present state
    LookupPeer(String address, Supplier<SelfDescription> self, Supplier<List<String>> registrations) {
        this.address = address;
        this.self = self;
        this.registrations = registrations;
        this.thread = Thread.ofVirtual().name("lookup-" + address).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    String address() {
        return address;
    }

    @Nullable String httpAddress() {
        return httpAddress;
    }

    /// Tells the lookup soon; safe from any thread, never waits.
    void send(String command) {
        if (!changes.offer(command)) {
            stale = true;
        }
    }

    void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                if (socket == null || stale) {
                    connect();
                }
                var command = changes.poll(PING_INTERVAL_S, TimeUnit.SECONDS);
                if (!stale) {
                    exchange(command == null ? "PING" : command);
                }
            } catch (IOException failure) {
                disconnect();
                if (!unreachableLogged) {
                    unreachableLogged = true;
                    LOG.atWarn()
                            .addKeyValue("lookup", address)
                            .addKeyValue("cause", failure.getMessage())
                            .log("lookup not reachable; trying on");
                }
                pause();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }
        disconnect();
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_INTERVAL_MS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void connect() throws IOException {
        disconnect();
        stale = false;
        changes.clear();
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            throw new IOException("address " + address + " has no port (expected: host:port)");
        }
        var fresh = new Socket();
        socket = fresh;
        fresh.setTcpNoDelay(true);
        fresh.setSoTimeout(TIMEOUT_MS);
        fresh.connect(
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                TIMEOUT_MS);
        fresh.getOutputStream().write(MAGIC);
        httpAddress = identify(fresh);
        for (var registration : registrations.get()) {
            exchange(registration);
        }
        unreachableLogged = false;
        LOG.atInfo().addKeyValue("lookup", address).log("registered with lookup");
    }

    private @Nullable String identify(Socket fresh) throws IOException {
        var body = description(self.get()).getBytes(StandardCharsets.UTF_8);
        write(fresh.getOutputStream(), "IDENTIFY", body);
        var answer = read(fresh);
        if (answer.equals("E_INVALID")) {
            throw new IOException("IDENTIFY refused");
        }
        return httpAddressOf(answer);
    }

    private static String description(SelfDescription self) throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("broadcast_address", self.broadcastAddress());
            json.writeStringField("hostname", self.hostname());
            json.writeNumberField("http_port", self.httpPort());
            json.writeNumberField("tcp_port", self.tcpPort());
            json.writeStringField("topology_region", self.region());
            json.writeStringField("topology_zone", self.zone());
            json.writeStringField("version", self.version());
            json.writeEndObject();
        }
        return text.toString();
    }

    private static @Nullable String httpAddressOf(String answer) throws IOException {
        String host = null;
        int port = 0;
        try (var json = JSON.createParser(answer)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("answer to IDENTIFY is no object: " + answer);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                if (key.equals("broadcast_address")) {
                    host = json.getValueAsString();
                } else if (key.equals("http_port")) {
                    port = json.getValueAsInt();
                } else {
                    json.skipChildren();
                }
            }
        }
        return host == null || host.isEmpty() || port == 0 ? null : host + ":" + port;
    }

    private void exchange(String command) throws IOException {
        var open = socket;
        if (open == null) {
            throw new IOException("not connected");
        }
        write(open.getOutputStream(), command, null);
        var answer = read(open);
        if (!answer.equals("OK")) {
            throw new IOException(command + " was answered " + answer);
        }
    }

    private static void write(OutputStream output, String line, byte @Nullable [] body) throws IOException {
        var bytes = ByteBuffer.allocate(line.length() + 1 + (body == null ? 0 : Integer.BYTES + body.length));
        bytes.put(line.getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
        if (body != null) {
            bytes.putInt(body.length).put(body);
        }
        output.write(bytes.array());
        output.flush();
    }

    private static String read(Socket socket) throws IOException {
        var input = new DataInputStream(socket.getInputStream());
        int length = input.readInt();
        if (length < 0 || length > MAX_ANSWER_BYTES) {
            throw new IOException("an answer of " + length + " bytes (expected: at most " + MAX_ANSWER_BYTES + ")");
        }
        return new String(input.readNBytes(length), StandardCharsets.UTF_8);
    }

    private void disconnect() {
        var open = socket;
        socket = null;
        httpAddress = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException gone) {
                LOG.atDebug().setCause(gone).log("closing the connection to a lookup");
            }
        }
    }
}
