package io.waystation.broker.registration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.topic.TopicListener;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All lookups that this broker registers with. Safe from any thread: the peers are in a concurrent map, each with a
/// thread of its own.
public final class Registration implements TopicListener {
    /// Lookups that one broker registers with; each has a thread and what it is to be told.
    public static final int MAX_LOOKUPS = 100;

    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final Map<String, LookupPeer> peers = new ConcurrentHashMap<>();
    private final Supplier<SelfDescription> self;
    private final Supplier<List<String>> registrations;
    private final int connectTimeoutMs;
    private final int requestTimeoutMs;

    /// @param registrations all REGISTER commands that make the present state; called on a peer's thread, may block
    public Registration(
            Supplier<SelfDescription> self,
            Supplier<List<String>> registrations,
            int connectTimeoutMs,
            int requestTimeoutMs) {
        this.self = self;
        this.registrations = registrations;
        this.connectTimeoutMs = connectTimeoutMs;
        this.requestTimeoutMs = requestTimeoutMs;
    }

    /// Connects to those that are new and leaves those that are not named any more.
    public void addresses(List<String> addresses) {
        for (var address : addresses) {
            var fresh = new LookupPeer(address, self, registrations);
            if (peers.putIfAbsent(address, fresh) == null) {
                fresh.start();
            }
        }
        for (var peer : List.copyOf(peers.values())) {
            if (!addresses.contains(peer.address()) && peers.remove(peer.address(), peer)) {
                peer.close();
            }
        }
    }

    /// The channels that other brokers have of a topic, by the word of every lookup that is connected. Waits for them.
    public Set<String> channelsOf(String topic) {
        var channels = new TreeSet<String>();
        for (var peer : peers.values()) {
            var address = peer.httpAddress();
            if (address == null) {
                continue;
            }
            try {
                channels.addAll(ask(address, topic));
            } catch (IOException failure) {
                LOG.atWarn()
                        .addKeyValue("lookup", peer.address())
                        .addKeyValue("topic", topic)
                        .addKeyValue("cause", failure.getMessage())
                        .log("lookup did not say which channels the topic has");
            }
        }
        return channels;
    }

    private Set<String> ask(String address, String topic) throws IOException {
        var url = URI.create("http://" + address + "/channels?topic=" + topic.replace("#", "%23"))
                .toURL();
        var connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout(connectTimeoutMs);
        connection.setReadTimeout(requestTimeoutMs);
        connection.setRequestProperty("Accept", "application/vnd.nsq; version=1.0");
        try (var body = connection.getInputStream()) {
            return channels(body);
        } finally {
            connection.disconnect();
        }
    }

    private static Set<String> channels(InputStream body) throws IOException {
        var channels = new TreeSet<String>();
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the answer is no object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = json.currentName().equals("channels");
                if (json.nextToken() != JsonToken.START_ARRAY || !wanted) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.VALUE_STRING) {
                    channels.add(json.getText());
                }
            }
        }
        return channels;
    }

    private void tell(String command) {
        for (var peer : peers.values()) {
            peer.send(command);
        }
    }

    @Override
    public void onTopicCreated(String topic) {
        tell("REGISTER " + topic);
    }

    @Override
    public void onTopicDeleted(String topic) {
        tell("UNREGISTER " + topic);
    }

    @Override
    public void onChannelCreated(String topic, String channel) {
        tell("REGISTER " + topic + " " + channel);
    }

    @Override
    public void onChannelDeleted(String topic, String channel) {
        tell("UNREGISTER " + topic + " " + channel);
    }

    public void close() {
        for (var peer : peers.values()) {
            peer.close();
        }
    }
}
