package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.StartFrom;
import io.waystation.broker.topic.TopicSettings.Declared;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes, moves, empties, pauses and deletes a topic's channels and the topic's contents at random.
/// What an act may take away is told to those who check before it, since it may fail half-way; what it
/// must have taken away, after it.
final class TopicOperators {
    private static final int MAX_CHANNELS = 3;
    /// One more than there are at a time.
    private static final List<String> NAMES = List.of("c0", "c1", "c2", "c3");

    private final TopicWorld world;
    private final TopicConsumers consumers;
    /// In a part of the runs, since checks are weaker where messages may go unconsumed.
    private final boolean changesRetention;

    private final Set<String> deleted = new HashSet<>();
    private final Set<String> everDeleted = new HashSet<>();
    private boolean underWay;
    /// Where the topic holds what comes; -1 while the channels get it.
    private long heldFrom = 0;

    TopicOperators(TopicWorld world, TopicConsumers consumers) {
        this.world = world;
        this.consumers = consumers;
        this.changesRetention = world.bounded || world.random.nextInt(8) == 0;
    }

    private interface Act {
        void run() throws IOException;
    }

    private void act(Act act) throws IOException {
        boolean wasUnderWay = underWay;
        underWay = true;
        world.finishPass();
        try {
            act.run();
        } finally {
            // Not after a crash, which the end of the process tells apart.
            heldFrom = world.holds() ? world.topic.latestOffset() : -1;
        }
        // What failed with the volume may have been written, whatever was asked for since and needed no writing.
        underWay = wasUnderWay && world.volume.failure() != null;
    }

    void step() throws IOException {
        int dice = world.random.nextInt(20);
        if (dice < 4 || (world.channels.isEmpty() && dice < 14)) {
            createChannel();
            return;
        }
        var known = anyChannel();
        if (dice < 7) {
            act(() -> seek(known));
        } else if (dice < 10) {
            act(() -> pauseTopic(!world.topic.isPaused()));
        } else if (dice < 13) {
            act(this::emptyTopic);
        } else if (dice < 15) {
            act(() -> emptyChannel(known));
        } else if (dice < 17) {
            act(() -> pauseChannel(known));
        } else if (dice < 18) {
            act(() -> deleteChannel(known));
        } else if (dice < 19) {
            cancelDeferred();
        } else {
            declare();
        }
    }

    private @Nullable SimChannel anyChannel() {
        var all = List.copyOf(world.channels.values());
        return all.isEmpty() ? null : all.get(world.random.nextInt(all.size()));
    }

    // Channels

    void createChannel() throws IOException {
        var free =
                NAMES.stream().filter(name -> !world.channels.containsKey(name)).toList();
        if (world.channels.size() < MAX_CHANNELS) {
            act(() -> create(free.get(world.random.nextInt(free.size()))));
        }
    }

    private void create(String name) throws IOException {
        deleted.remove(name);
        boolean fromEarliest = world.random.nextBoolean();
        long end = world.topic.latestOffset();
        var channel = world.topic.obtainChannel(name, fromEarliest ? StartFrom.EARLIEST : StartFrom.DEFAULT);
        long floor = world.topic.stats(channel, false).floor();
        assertThat(floor).as("begin of %s", name).isEqualTo(fromEarliest ? world.topic.earliestOffset() : end);
        var known = new SimChannel(name, floor);
        known.isAnew = everDeleted.contains(name);
        world.channels.put(name, known);
    }

    private void deleteChannel(@Nullable SimChannel known) throws IOException {
        if (known == null) {
            return;
        }
        known.mayBeDeleted = true;
        everDeleted.add(known.name);
        assertThat(world.topic.deleteChannel(known.name)).isTrue();
        world.channels.remove(known.name);
        consumers.closed(known.name);
        deleted.add(known.name);
    }

    private void seek(@Nullable SimChannel known) throws IOException {
        if (known == null) {
            return;
        }
        var topic = world.topic;
        var channel = world.channel(known);
        long offset = switch (world.random.nextInt(4)) {
            case 0 -> topic.earliestOffset();
            case 1 -> topic.latestOffset();
            case 2 -> topic.offsetAtOrAfter(world.loop.wallMs() - world.random.nextInt(10_000));
            default -> world.random.nextLong(topic.earliestOffset(), topic.latestOffset() + 1);
        };
        passOver(known, offset);
        known.mayHaveSought(Math.min(offset, topic.stats(channel, false).floor()));
        channel.seek(offset);
        known.sought(offset);
    }

    private void emptyChannel(@Nullable SimChannel known) throws IOException {
        if (known == null) {
            return;
        }
        var channel = world.channel(known);
        long end = world.topic.latestOffset();
        var deferred = deferred();
        passOver(known, end);
        known.handled.addAll(deferred);
        known.mayPassOverDeferred = true;
        // Some may have gone to the log, and nobody knows of it.
        known.handled.addAll(world.ledger.deferred());
        known.mayHaveSought(world.topic.stats(channel, false).floor());
        channel.empty();
        known.emptied(end, deferred);
    }

    /// What is left behind is not owed any more.
    private void passOver(SimChannel channel, long offset) {
        world.contents.forEach((id, at) -> {
            if (at < offset) {
                channel.handled.add(id);
            }
        });
    }

    private void pauseChannel(@Nullable SimChannel known) throws IOException {
        if (known == null) {
            return;
        }
        boolean paused = !world.channel(known).isPaused();
        known.paused = null;
        world.channel(known).pause(paused);
        known.paused = paused;
    }

    // The topic

    private void pauseTopic(boolean pause) throws IOException {
        world.topic.pause(pause);
        assertThat(world.topic.isPaused()).isEqualTo(pause);
    }

    private void emptyTopic() throws IOException {
        var deferred = deferred();
        long from = world.topic.latestOffset();
        var waiting = new HashMap<Long, Long>();
        if (world.holds()) {
            world.contents.forEach((id, at) -> {
                if (at >= from) {
                    waiting.put(id, at);
                }
            });
        }
        world.ledger.mayBeCancelled.addAll(deferred);
        world.ledger.mayBeEmptied.addAll(waiting.keySet());
        world.topic.empty();
        world.ledger.cancelled.addAll(deferred);
        waiting.forEach((id, at) -> {
            if (at < world.topic.latestOffset()) {
                world.ledger.emptied(id, at);
            } else {
                // It is not committed yet.
                world.ledger.mayBeEmptied.remove(id);
            }
        });
    }

    private Set<Long> deferred() throws IOException {
        var found = new HashSet<Long>();
        world.topic.listDeferred(
                null,
                Integer.MAX_VALUE,
                (id, dueMs, timestampMs, source, position, length) -> found.add(source.getLong(position)));
        return found;
    }

    private void cancelDeferred() throws IOException {
        var listed = new HashMap<String, Long>();
        world.topic.listDeferred(
                null,
                5,
                (id, dueMs, timestampMs, source, position, length) -> listed.put(id, source.getLong(position)));
        for (var entry : listed.entrySet()) {
            world.ledger.mayBeCancelled.add(entry.getValue());
            assertThat(world.topic.cancelDeferred(entry.getKey())).isTrue();
            world.ledger.cancelled.add(entry.getValue());
        }
    }

    void declare() throws IOException {
        Retention retention = null;
        if (changesRetention && world.random.nextInt(3) == 0) {
            retention = world.random.nextBoolean() ? world.bounds() : Retention.CONSUMED;
            world.bounded = true;
        }
        world.topic.declare(
                new Declared(world.random.nextBoolean() ? Flush.DISK : Flush.OS, retention, null, null, null));
    }

    /// For the end: everything is to come out.
    void release() throws IOException {
        if (world.channels.isEmpty()) {
            createChannel();
        }
        if (world.topic.isPaused()) {
            act(() -> pauseTopic(false));
        }
        for (var known : world.channels.values()) {
            if (world.channel(known).isPaused()) {
                act(() -> pauseChannel(known));
            }
        }
    }

    // What is there

    void check() {
        long end = world.topic.latestOffset();
        if (heldFrom >= 0) {
            boolean isExpired = end <= world.topic.earliestOffset() || world.volume.failure() != null;
            if (world.bounded && end > heldFrom && isExpired) {
                heldFrom = end;
            }
            assertThat(end)
                    .as("end of what the channels have while the topic holds the rest")
                    .isEqualTo(heldFrom);
        }
    }

    /// The topic was opened anew. What was under way may be done or not; the rest is as it was, unless
    /// power was lost.
    void reopened(boolean isUnsure) {
        if (isUnsure) {
            deleted.clear();
        } else {
            for (var name : deleted) {
                assertThat(world.topic.channelNames())
                        .as("channels without the deleted")
                        .doesNotContain(name);
            }
        }
    }

    /// To be called when the channels are known.
    void checkReopened(boolean isUnsure) {
        boolean held = world.holds();
        if (isUnsure || underWay || world.bounded) {
            heldFrom = held ? world.topic.latestOffset() : -1;
        } else {
            assertThat(held).as("topic holds what comes").isEqualTo(heldFrom >= 0);
            check();
        }
        underWay = false;
    }
}
