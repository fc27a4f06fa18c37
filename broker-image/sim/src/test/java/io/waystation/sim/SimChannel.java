package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.ChannelStats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What consumers know of a channel: which messages they had and finished since it began, or was last moved.
final class SimChannel {
    /// Cursors are written within 200 ms; twice that, since a write may just have begun.
    static final long CURSOR_INTERVAL_MS = 400;

    final String name;
    /// Below it the channel owes nobody anything.
    long startOffset;

    /// Made known by a flush: a power loss leaves it.
    boolean durable;

    /// Messages finished at some time.
    final Set<Long> handled = new HashSet<>();
    /// A message at an offset: after a power loss the offset may be another's, and the message be there twice.
    private record Place(long id, long offset) {}

    /// Finished since the last move, with the time of the finish; those that are not certain to be written may return.
    private final Map<Place, Long> finishedMs = new HashMap<>();

    /// Those of them that are flushed, so that a power loss brings none back.
    private final Set<Place> flushed = new HashSet<>();

    private final Set<Place> unfinished = new HashSet<>();
    private long floor;

    SimChannel(String name, long startOffset) {
        this.name = name;
        this.startOffset = startOffset;
        this.floor = startOffset;
    }

    void delivered(long id, long offset) {
        assertThat(finishedMs).as("finished messages of %s", name).doesNotContainKey(new Place(id, offset));
        unfinished.add(new Place(id, offset));
    }

    void finished(long id, long offset, long nowMs) {
        handled.add(id);
        finishedMs.put(new Place(id, offset), nowMs);
        unfinished.remove(new Place(id, offset));
    }

    void check(ChannelStats stats, long earliest, boolean bounded) {
        assertThat(stats.floor()).as("floor of %s", name).isGreaterThanOrEqualTo(floor);
        assertThat(stats.next()).as("next of %s", name).isGreaterThanOrEqualTo(stats.floor());
        floor = stats.floor();
        if (bounded) {
            unfinished.removeIf(place -> place.offset < earliest);
            startOffset = Math.max(startOffset, Math.min(earliest, stats.floor()));
        }
        for (var place : unfinished) {
            assertThat(floor).as("floor of %s", name).isLessThanOrEqualTo(place.offset);
        }
        assertThat(earliest).as("begin of the log").isLessThanOrEqualTo(floor);
    }

    /// Retention led the channel over what it then failed to delete.
    void expired(ChannelStats stats) {
        unfinished.removeIf(place -> place.offset < stats.floor());
        startOffset = Math.max(startOffset, stats.floor());
    }

    void sought(long offset) {
        finishedMs.clear();
        flushed.clear();
        unfinished.clear();
        floor = offset;
        startOffset = Math.min(startOffset, offset);
    }

    /// Cursors could not be written for a while.
    void uncertain() {
        finishedMs.clear();
        flushed.clear();
    }

    void killed(ChannelStats restored, long nowMs) {
        finishedMs
                .entrySet()
                .removeIf(finished ->
                        finished.getValue() > nowMs - CURSOR_INTERVAL_MS && !flushed.contains(finished.getKey()));
        unfinished.clear();
        floor = restored.floor();
    }

    /// What was finished until now was written and flushed.
    void flushed() {
        flushed.addAll(finishedMs.keySet());
    }

    void lostPower(ChannelStats restored) {
        finishedMs.keySet().retainAll(flushed);
        unfinished.clear();
        floor = restored.floor();
        startOffset = Math.max(startOffset, floor);
    }
}
