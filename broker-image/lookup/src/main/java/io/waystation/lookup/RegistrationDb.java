package io.waystation.lookup;

import io.waystation.wire.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who has which topic and channel. Safe from any thread, because every method holds the one lock: calls are short, few
/// a second for each broker, and answers are copies.
///
/// A topic or channel without producers stays known: brokers ask which channels a topic that is new to them has.
final class RegistrationDb {
    /// What one producer has registered for one topic or channel.
    private static final class Registration {
        final Producer producer;
        boolean tombstoned;
        long tombstonedAtNs;

        Registration(Producer producer) {
            this.producer = producer;
        }
    }

    /// Producers by remote address; a topic's stands beside its channels'.
    private static final class Topic {
        final Map<String, Registration> producers = new LinkedHashMap<>();
        final Map<String, Map<String, Registration>> channels = new TreeMap<>();
    }

    private final Map<String, Producer> clients = new LinkedHashMap<>();
    private final Map<String, Topic> topics = new TreeMap<>();
    private final Clock clock;
    private final long inactiveNs;
    private final long tombstoneNs;

    RegistrationDb(Clock clock, long inactiveNs, long tombstoneNs) {
        this.clock = clock;
        this.inactiveNs = inactiveNs;
        this.tombstoneNs = tombstoneNs;
    }

    synchronized Producer identify(String remoteAddress, Producer.Peer peer) {
        var producer = new Producer(remoteAddress, peer, clock.wallNs());
        clients.put(remoteAddress, producer);
        return producer;
    }

    synchronized void seen(Producer producer) {
        producer.seen(clock.wallNs());
    }

    synchronized void register(Producer producer, String topicName, @Nullable String channelName) {
        var topic = topics.computeIfAbsent(topicName, name -> new Topic());
        topic.producers.computeIfAbsent(producer.remoteAddress(), address -> new Registration(producer));
        if (channelName != null) {
            topic.channels
                    .computeIfAbsent(channelName, name -> new LinkedHashMap<>())
                    .computeIfAbsent(producer.remoteAddress(), address -> new Registration(producer));
        }
    }

    synchronized void unregister(Producer producer, String topicName, @Nullable String channelName) {
        var topic = topics.get(topicName);
        if (topic == null) {
            return;
        }
        if (channelName == null) {
            topic.producers.remove(producer.remoteAddress());
            for (var name : List.copyOf(topic.channels.keySet())) {
                removeFromChannel(topic, name, producer);
            }
            if (topic.producers.isEmpty() && Names.isEphemeral(topicName)) {
                topics.remove(topicName);
            }
        } else {
            removeFromChannel(topic, channelName, producer);
        }
    }

    private static void removeFromChannel(Topic topic, String channelName, Producer producer) {
        var producers = topic.channels.get(channelName);
        if (producers != null) {
            producers.remove(producer.remoteAddress());
            if (producers.isEmpty() && Names.isEphemeral(channelName)) {
                topic.channels.remove(channelName);
            }
        }
    }

    /// The producer's connection is gone, and with it all that it registered.
    synchronized void remove(Producer producer) {
        clients.remove(producer.remoteAddress(), producer);
        for (var name : List.copyOf(topics.keySet())) {
            unregister(producer, name, null);
        }
    }

    synchronized void createTopic(String name) {
        topics.computeIfAbsent(name, absent -> new Topic());
    }

    synchronized void deleteTopic(String name) {
        topics.remove(name);
    }

    synchronized void createChannel(String topicName, String channelName) {
        topics.computeIfAbsent(topicName, name -> new Topic())
                .channels
                .computeIfAbsent(channelName, name -> new LinkedHashMap<>());
    }

    synchronized boolean deleteChannel(String topicName, String channelName) {
        var topic = topics.get(topicName);
        return topic != null && topic.channels.remove(channelName) != null;
    }

    /// The node is not offered for the topic for a while.
    synchronized void tombstone(String topicName, String node) {
        var topic = topics.get(topicName);
        if (topic == null) {
            return;
        }
        for (var registration : topic.producers.values()) {
            if (registration.producer.peer().node().equals(node)) {
                registration.tombstoned = true;
                registration.tombstonedAtNs = clock.wallNs();
            }
        }
    }

    synchronized List<String> topics() {
        return List.copyOf(topics.keySet());
    }

    /// The channels of a topic; null when the topic is unknown.
    synchronized @Nullable List<String> channels(String topicName) {
        var topic = topics.get(topicName);
        return topic == null ? null : List.copyOf(topic.channels.keySet());
    }

    /// The producers of a topic that consumers should connect to.
    synchronized List<Producer> producers(String topicName) {
        var live = new ArrayList<Producer>();
        var topic = topics.get(topicName);
        if (topic != null) {
            for (var registration : topic.producers.values()) {
                if (isActive(registration.producer) && !isTombstoned(registration)) {
                    live.add(registration.producer);
                }
            }
        }
        return live;
    }

    /// One broker with its topics, and which of them are tombstoned there.
    record Node(Producer producer, List<String> topics, List<Boolean> tombstones) {}

    synchronized List<Node> nodes() {
        var nodes = new ArrayList<Node>();
        for (var producer : clients.values()) {
            if (!isActive(producer)) {
                continue;
            }
            var names = new ArrayList<String>();
            var tombstones = new ArrayList<Boolean>();
            for (var topic : topics.entrySet()) {
                var registration = topic.getValue().producers.get(producer.remoteAddress());
                if (registration != null) {
                    names.add(topic.getKey());
                    tombstones.add(isTombstoned(registration));
                }
            }
            nodes.add(new Node(producer, names, tombstones));
        }
        return nodes;
    }

    /// What one registration looks like to /debug.
    record Entry(Producer producer, long lastUpdateNs, boolean tombstoned, long tombstonedAtNs) {}

    /// Everything, keyed as nsqlookupd's /debug does; keys without producers are left out.
    synchronized Map<String, List<Entry>> all() {
        var all = new TreeMap<String, List<Entry>>();
        for (var client : clients.values()) {
            all.computeIfAbsent("client::", key -> new ArrayList<>())
                    .add(new Entry(client, client.lastUpdateNs(), false, 0));
        }
        for (var topic : topics.entrySet()) {
            put(all, "topic:" + topic.getKey() + ":", topic.getValue().producers);
            for (var channel : topic.getValue().channels.entrySet()) {
                put(all, "channel:" + topic.getKey() + ":" + channel.getKey(), channel.getValue());
            }
        }
        return all;
    }

    private void put(Map<String, List<Entry>> all, String key, Map<String, Registration> producers) {
        var entries = new ArrayList<Entry>();
        for (var registration : producers.values()) {
            entries.add(new Entry(
                    registration.producer,
                    registration.producer.lastUpdateNs(),
                    isTombstoned(registration),
                    registration.tombstonedAtNs));
        }
        if (!entries.isEmpty()) {
            all.put(key, entries);
        }
    }

    private boolean isActive(Producer producer) {
        return clock.wallNs() - producer.lastUpdateNs() <= inactiveNs;
    }

    private boolean isTombstoned(Registration registration) {
        return registration.tombstoned && clock.wallNs() - registration.tombstonedAtNs < tombstoneNs;
    }
}
