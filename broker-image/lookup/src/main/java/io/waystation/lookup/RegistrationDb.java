package io.waystation.lookup;

import io.waystation.wire.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who has which topic and channel. Safe from any thread, because every method holds the one lock: calls are short, few
/// a second for each broker, and answers are copies.
///
/// A topic or channel without producers stays known: brokers ask which channels a topic that is new to them has. Only
/// ephemeral ones go with their last producer.
///
/// Invariants: who is registered for a channel is registered for its topic; a producer's topics are those in which it
/// is registered; the counts are those of what is kept.
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
    private final RegistrationLimits limits;
    private final Clock clock;
    private final long inactiveNs;
    private final long tombstoneNs;
    private int nameCount;
    private int registrationCount;
    private long refusedCount;

    RegistrationDb(RegistrationLimits limits, Clock clock, long inactiveNs, long tombstoneNs) {
        this.limits = limits;
        this.clock = clock;
        this.inactiveNs = inactiveNs;
        this.tombstoneNs = tombstoneNs;
    }

    synchronized Producer identify(String remoteAddress, Peer peer) {
        var producer = new Producer(remoteAddress, peer, clock.wallNs());
        clients.put(remoteAddress, producer);
        return producer;
    }

    synchronized void seen(Producer producer) {
        producer.seen(clock.wallNs());
    }

    synchronized void register(Producer producer, String topicName, @Nullable String channelName)
            throws RegistrationsFullException {
        requireRoomForRegistrations(producer, topicName, channelName);
        var topic = create(topicName, channelName);
        add(topic.producers, producer);
        producer.topics().add(topicName);
        if (channelName != null) {
            add(Objects.requireNonNull(topic.channels.get(channelName)), producer);
        }
    }

    private void requireRoomForRegistrations(Producer producer, String topicName, @Nullable String channelName)
            throws RegistrationsFullException {
        var topic = topics.get(topicName);
        var channel = topic == null || channelName == null ? null : topic.channels.get(channelName);
        var address = producer.remoteAddress();
        int more = topic != null && topic.producers.containsKey(address) ? 0 : 1;
        if (channelName != null && (channel == null || !channel.containsKey(address))) {
            more++;
        }
        if (more > 0 && producer.registrationCount() + more > limits.perProducer()) {
            throw refusal("too many registrations of one producer (expected: at most " + limits.perProducer() + ")");
        }
        if (more > 0 && registrationCount + more > limits.registrations()) {
            throw refusal("too many registrations (expected: at most " + limits.registrations() + ")");
        }
    }

    private void add(Map<String, Registration> producers, Producer producer) {
        if (producers.putIfAbsent(producer.remoteAddress(), new Registration(producer)) == null) {
            count(producer, 1);
        }
    }

    private void count(Producer producer, int change) {
        registrationCount += change;
        producer.count(change);
    }

    synchronized void unregister(Producer producer, String topicName, @Nullable String channelName) {
        var topic = topics.get(topicName);
        if (topic == null) {
            return;
        }
        if (channelName != null) {
            removeFromChannel(topic, channelName, producer);
            return;
        }
        for (var name : List.copyOf(topic.channels.keySet())) {
            removeFromChannel(topic, name, producer);
        }
        remove(topic.producers, producer);
        producer.topics().remove(topicName);
        if (topic.producers.isEmpty() && Names.isEphemeral(topicName)) {
            deleteTopic(topicName);
        }
    }

    private void removeFromChannel(Topic topic, String channelName, Producer producer) {
        var producers = topic.channels.get(channelName);
        if (producers != null) {
            remove(producers, producer);
            if (producers.isEmpty() && Names.isEphemeral(channelName)) {
                topic.channels.remove(channelName);
                nameCount--;
            }
        }
    }

    private void remove(Map<String, Registration> producers, Producer producer) {
        if (producers.remove(producer.remoteAddress()) != null) {
            count(producer, -1);
        }
    }

    /// The producer's connection is gone, and with it all that it registered.
    synchronized void remove(Producer producer) {
        clients.remove(producer.remoteAddress(), producer);
        for (var name : List.copyOf(producer.topics())) {
            unregister(producer, name, null);
        }
    }

    synchronized void createTopic(String name) throws RegistrationsFullException {
        create(name, null);
    }

    /// Creates the topic too.
    synchronized void createChannel(String topicName, String channelName) throws RegistrationsFullException {
        create(topicName, channelName);
    }

    private Topic create(String topicName, @Nullable String channelName) throws RegistrationsFullException {
        var known = topics.get(topicName);
        var topic = known == null ? new Topic() : known;
        boolean newChannel = channelName != null && !topic.channels.containsKey(channelName);
        int more = (known == null ? 1 : 0) + (newChannel ? 1 : 0);
        if (more > 0 && nameCount + more > limits.names()) {
            throw refusal("too many topics and channels (expected: at most " + limits.names() + ")");
        }
        nameCount += more;
        topics.put(topicName, topic);
        if (channelName != null) {
            topic.channels.putIfAbsent(channelName, new LinkedHashMap<>());
        }
        return topic;
    }

    synchronized void deleteTopic(String name) {
        var topic = topics.remove(name);
        if (topic == null) {
            return;
        }
        nameCount -= 1 + topic.channels.size();
        topic.channels.values().forEach(this::forget);
        forget(topic.producers);
        topic.producers
                .values()
                .forEach(registration -> registration.producer.topics().remove(name));
    }

    synchronized boolean deleteChannel(String topicName, String channelName) {
        var topic = topics.get(topicName);
        var producers = topic == null ? null : topic.channels.remove(channelName);
        if (producers == null) {
            return false;
        }
        nameCount--;
        forget(producers);
        return true;
    }

    private void forget(Map<String, Registration> producers) {
        producers.values().forEach(registration -> count(registration.producer, -1));
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

    /// The brokers that are active.
    synchronized List<Producer> producers() {
        return clients.values().stream().filter(this::isActive).toList();
    }

    /// A topic of a broker, and whether it is tombstoned there.
    record NodeTopic(String name, boolean tombstoned) {}

    synchronized List<NodeTopic> topicsOf(Producer producer) {
        return producer.topics().stream()
                .map(name -> new NodeTopic(name, isTombstoned(producer, name)))
                .toList();
    }

    /// What one registration looks like to /debug.
    record Entry(Producer producer, long lastUpdateNs, boolean tombstoned, long tombstonedAtNs) {}

    synchronized List<Entry> entriesOfClients() {
        return clients.values().stream()
                .map(client -> new Entry(client, client.lastUpdateNs(), false, 0))
                .toList();
    }

    /// The registrations for a topic; none when it is unknown.
    synchronized List<Entry> entriesOf(String topicName) {
        var topic = topics.get(topicName);
        return topic == null ? List.of() : entries(topic.producers);
    }

    /// The registrations for the channels of a topic, by channel.
    synchronized Map<String, List<Entry>> entriesOfChannels(String topicName) {
        var entries = new TreeMap<String, List<Entry>>();
        var topic = topics.get(topicName);
        if (topic != null) {
            topic.channels.forEach((name, producers) -> entries.put(name, entries(producers)));
        }
        return entries;
    }

    private List<Entry> entries(Map<String, Registration> producers) {
        var entries = new ArrayList<Entry>(producers.size());
        for (var registration : producers.values()) {
            entries.add(new Entry(
                    registration.producer,
                    registration.producer.lastUpdateNs(),
                    isTombstoned(registration),
                    registration.tombstonedAtNs));
        }
        return entries;
    }

    private boolean isActive(Producer producer) {
        return clock.wallNs() - producer.lastUpdateNs() <= inactiveNs;
    }

    private boolean isTombstoned(Producer producer, String topicName) {
        var topic = Objects.requireNonNull(topics.get(topicName));
        return isTombstoned(Objects.requireNonNull(topic.producers.get(producer.remoteAddress())));
    }

    private boolean isTombstoned(Registration registration) {
        return registration.tombstoned && clock.wallNs() - registration.tombstonedAtNs < tombstoneNs;
    }

    private RegistrationsFullException refusal(String message) {
        refusedCount++;
        return new RegistrationsFullException(message);
    }

    /// What is kept, in numbers; `refused` counts since the process began.
    record Counts(
            int producers,
            int activeProducers,
            int topics,
            int channels,
            int registrations,
            int tombstones,
            long refused) {}

    synchronized Counts counts() {
        int active = 0;
        for (var producer : clients.values()) {
            active += isActive(producer) ? 1 : 0;
        }
        int tombstones = 0;
        for (var topic : topics.values()) {
            for (var registration : topic.producers.values()) {
                tombstones += isTombstoned(registration) ? 1 : 0;
            }
        }
        return new Counts(
                clients.size(),
                active,
                topics.size(),
                nameCount - topics.size(),
                registrationCount,
                tombstones,
                refusedCount);
    }

    /// Topics and channels that are kept.
    synchronized int nameCount() {
        return nameCount;
    }

    /// Registrations that are kept.
    synchronized int registrationCount() {
        return registrationCount;
    }
}
