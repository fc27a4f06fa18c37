package io.waystation.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random calls on the registry and on a model of it: sets of words.
class RegistrationDbTest {
    private static final int STEPS = 3000;
    private static final List<String> TOPICS = List.of("a", "b", "c", "d#ephemeral");
    private static final List<String> CHANNELS = List.of("x", "y", "z#ephemeral");
    private static final RegistrationLimits LIMITS = new RegistrationLimits(9, 12, 6);

    private final RegistrationDb registry = new RegistrationDb(LIMITS, new TestClock(), Long.MAX_VALUE, Long.MAX_VALUE);
    private final List<Producer> producers = new ArrayList<>();

    /// Names as `topic` and `topic channel`, registrations as `producer/topic` and `producer/topic channel`.
    private Set<String> names = new TreeSet<>();
    private Set<String> registrations = new TreeSet<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomCallsLeaveWhatTheModelLeaves(long seed) {
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 3; i++) {
            identify(i);
        }

        for (int step = 0; step < STEPS; step++) {
            act(random);
            check();
        }
    }

    private void identify(int index) {
        var peer = new Peer("host-" + index, "", 4150, 4151, "1.3.0", "", "");
        var producer = registry.identify("p" + index, peer);
        if (index < producers.size()) {
            producers.set(index, producer);
        } else {
            producers.add(producer);
        }
    }

    private void act(Random random) {
        int index = random.nextInt(producers.size());
        var producer = producers.get(index);
        var topic = TOPICS.get(random.nextInt(TOPICS.size()));
        var channel = random.nextBoolean() ? CHANNELS.get(random.nextInt(CHANNELS.size())) : "";
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> register(producer, topic, channel);
            case 4, 5 -> {
                registry.unregister(producer, topic, channel.isEmpty() ? null : channel);
                unregister(producer.remoteAddress(), topic, channel);
            }
            case 6 -> {
                registry.deleteTopic(topic);
                remove(topic);
            }
            case 7 -> {
                boolean known = names.contains(topic + " x");
                assertThat(registry.deleteChannel(topic, "x")).isEqualTo(known);
                remove(topic + " x");
            }
            case 8 -> create(topic, "y");
            default -> {
                registry.remove(producer);
                TOPICS.stream()
                        .filter(name -> registrations.contains(producer.remoteAddress() + "/" + name))
                        .forEach(name -> unregister(producer.remoteAddress(), name, ""));
                identify(index);
            }
        }
    }

    private void register(Producer producer, String topic, String channel) {
        var newNames = with(names, topic, channel, "");
        var newRegistrations = with(registrations, topic, channel, producer.remoteAddress() + "/");
        long own = count(newRegistrations, producer.remoteAddress());
        boolean fits = newNames.size() <= LIMITS.names()
                && newRegistrations.size() <= LIMITS.registrations()
                && own <= LIMITS.perProducer();
        boolean registered = true;
        try {
            registry.register(producer, topic, channel.isEmpty() ? null : channel);
        } catch (RegistrationsFullException full) {
            registered = false;
        }
        assertThat(registered).isEqualTo(fits);
        if (fits) {
            names = newNames;
            registrations = newRegistrations;
        }
    }

    private void create(String topic, String channel) {
        var newNames = with(names, topic, channel, "");
        boolean created = true;
        try {
            registry.createChannel(topic, channel);
        } catch (RegistrationsFullException full) {
            created = false;
        }
        assertThat(created).isEqualTo(newNames.size() <= LIMITS.names());
        if (created) {
            names = newNames;
        }
    }

    private static Set<String> with(Set<String> words, String topic, String channel, String prefix) {
        var more = new TreeSet<>(words);
        more.add(prefix + topic);
        if (!channel.isEmpty()) {
            more.add(prefix + topic + " " + channel);
        }
        return more;
    }

    private static long count(Set<String> words, String producer) {
        return words.stream().filter(word -> word.startsWith(producer + "/")).count();
    }

    private void unregister(String producer, String topic, String channel) {
        for (var name : List.copyOf(names)) {
            boolean meant = channel.isEmpty()
                    ? name.equals(topic) || name.startsWith(topic + " ")
                    : name.equals(topic + " " + channel);
            if (meant) {
                registrations.remove(producer + "/" + name);
            }
            boolean orphan = registrations.stream().noneMatch(word -> word.endsWith("/" + name));
            if (meant && orphan && name.endsWith("#ephemeral")) {
                remove(name);
            }
        }
    }

    private void remove(String name) {
        names.removeIf(word -> word.equals(name) || word.startsWith(name + " "));
        registrations.removeIf(word -> {
            var registered = word.substring(word.indexOf('/') + 1);
            return registered.equals(name) || registered.startsWith(name + " ");
        });
    }

    private void check() {
        var kept = new TreeSet<String>();
        for (var topic : registry.topics()) {
            kept.add(topic);
            Objects.requireNonNull(registry.channels(topic)).forEach(channel -> kept.add(topic + " " + channel));
        }
        var registered = new TreeSet<String>();
        for (var topic : registry.topics()) {
            add(registered, topic, registry.entriesOf(topic));
            registry.entriesOfChannels(topic)
                    .forEach((channel, entries) -> add(registered, topic + " " + channel, entries));
        }
        assertThat(kept).isEqualTo(names);
        assertThat(registered).isEqualTo(registrations);
        assertThat(registry.nameCount()).isEqualTo(names.size());
        assertThat(registry.registrationCount()).isEqualTo(registrations.size());
        for (var producer : producers) {
            assertThat(producer.registrationCount()).isEqualTo((int) count(registrations, producer.remoteAddress()));
        }
        for (var producer : registry.producers()) {
            var address = producer.remoteAddress();
            assertThat(registry.topicsOf(producer))
                    .allMatch(topic -> registrations.contains(address + "/" + topic.name()));
        }
    }

    private static void add(Set<String> registered, String name, List<RegistrationDb.Entry> entries) {
        entries.forEach(entry -> registered.add(entry.producer().remoteAddress() + "/" + name));
    }
}
