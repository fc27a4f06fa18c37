package io.waystation.client;

import io.waystation.broker.Broker;
import io.waystation.broker.BrokerOptions;
import io.waystation.daemon.UsageException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// A broker in this process on free ports, that can go away and come back at the same address with the same data.
public final class LiveBroker implements AutoCloseable {
    private static final int MUTE_TIMEOUT_MS = 10_000;

    private final Path data;
    private final List<String> flags;
    private final HttpCalls http = new HttpCalls(Duration.ofSeconds(5), Duration.ofSeconds(5));
    private Broker broker;
    private boolean running;

    public LiveBroker(Path data, String... flags) throws IOException, UsageException {
        this.data = data;
        this.flags = List.of(flags);
        this.broker = start(0, 0);
        this.running = true;
    }

    private Broker start(int tcpPort, int httpPort) throws IOException, UsageException {
        var arguments = new ArrayList<>(List.of(
                "--tcp-address=127.0.0.1:" + tcpPort,
                "--http-address=127.0.0.1:" + httpPort,
                "--broadcast-address=127.0.0.1",
                "--min-free-bytes=0",
                "--loops=1",
                "--data-path=" + data));
        arguments.addAll(flags);
        return Broker.start(BrokerOptions.table().parse(arguments.toArray(String[]::new)));
    }

    public String tcpAddress() {
        return "127.0.0.1:" + broker.tcpPort();
    }

    public String httpAddress() {
        return "127.0.0.1:" + broker.httpPort();
    }

    /// Goes away. [#comeBack] starts it again at the same ports.
    public void goAway() throws IOException {
        running = false;
        broker.close();
    }

    public void comeBack() throws IOException, UsageException {
        broker = start(broker.tcpPort(), broker.httpPort());
        running = true;
    }

    public void publish(String topic, String body) throws IOException {
        post("/pub?topic=" + topic, body);
    }

    /// Makes a channel, so that it gets what is published from now on.
    public void createChannel(String topic, String channel) throws IOException {
        post("/topic/create?topic=" + topic, "");
        post("/channel/create?topic=" + topic + "&channel=" + HttpCalls.encode(channel), "");
    }

    public void post(String path, String body) throws IOException {
        var url = URI.create("http://" + httpAddress() + path).toURL();
        var connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException(path + " was answered " + connection.getResponseCode());
        }
    }

    /// A channel's entry in /stats; one without values while there is no such channel.
    public JsonValue channel(String topic, String channel) throws IOException {
        var stats =
                http.get(httpAddress(), "/stats?format=json&topic=" + topic + "&channel=" + HttpCalls.encode(channel));
        for (var found : stats.get("topics").elements()) {
            for (var entry : found.get("channels").elements()) {
                return entry;
            }
        }
        return stats.get("no such channel");
    }

    /// The names of a topic's channels.
    public List<String> channelNames(String topic) throws IOException {
        var names = new ArrayList<String>();
        for (var found : http.get(httpAddress(), "/stats?format=json&topic=" + topic)
                .get("topics")
                .elements()) {
            for (var entry : found.get("channels").elements()) {
                names.add(entry.get("channel_name").text());
            }
        }
        return names;
    }

    /// The sum of its consumers' RDY counts.
    public long ready(String topic, String channel) throws IOException {
        long ready = 0;
        for (var client : channel(topic, channel).get("clients").elements()) {
            ready += client.get("ready_count").number();
        }
        return ready;
    }

    /// Waits until one of a channel's counts in /stats has a value.
    public void await(String topic, String channel, String key, long value) {
        Awaitility.await(key + " of " + topic + ":" + channel + " is " + value)
                .until(() -> channel(topic, channel).get(key).number(), found -> found == value);
    }

    /// Waits until a client that says nothing is given up: after two heartbeats, of a second each. Whoever was there
    /// before it and is there still has answered his.
    void awaitLossOfMuteClient() throws IOException {
        try (var mute = new Socket(InetAddress.getLoopbackAddress(), broker.tcpPort())) {
            mute.setSoTimeout(MUTE_TIMEOUT_MS);
            var identify = "{\"heartbeat_interval\":1000}".getBytes(StandardCharsets.US_ASCII);
            var output = new DataOutputStream(mute.getOutputStream());
            output.write("  V2IDENTIFY\n".getBytes(StandardCharsets.US_ASCII));
            output.writeInt(identify.length);
            output.write(identify);
            mute.getInputStream().readAllBytes();
        }
    }

    @Override
    public void close() throws IOException {
        if (running) {
            goAway();
        }
    }
}
