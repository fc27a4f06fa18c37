package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.ChannelStats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What consumers know of a channel: which messages they had and finished since it began, or was last moved.
final class SimChannel {
    /// Cursors are written within 200 ms; twice that, since a write may just have begun.
    static final long CURSOR_INTERVAL_MS = 400;

    final String name;
    /// Below it the channel owes nobody anything.
    long startOffset;

    /// What it was before a move of which no flush is known: a power loss may undo that.
    private long startBeforeMoves;

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
    /// Deferred when the channel was emptied: none of its own any more.
    private final Set<Long> emptied = new HashSet<>();

    /// One of the same name was deleted before.
    boolean isAnew;

    boolean mayBeDeleted;
    /// It may have been emptied, so that it passes over deferred messages when they come to the log.
    boolean mayPassOverDeferred;
    /// Null while nobody can tell.
    @Nullable Boolean paused = false;

    private long floor;
    /// A floor that was written, and the one that will be by the time.
    private long writtenFloor;

    private long nextFloor;
    private long nextFloorMs = Long.MAX_VALUE;

    SimChannel(String name, long startOffset) {
        this.name = name;
        this.startOffset = startOffset;
        this.floor = startOffset;
    }

    void delivered(long id, long offset) {
        assertThat(paused).as("%s is paused", name).isNotEqualTo(true);
        assertThat(emptied).as("deferred messages emptied from %s", name).doesNotContain(id);
        assertThat(finishedMs).as("finished messages of %s", name).doesNotContainKey(new Place(id, offset));
        unfinished.add(new Place(id, offset));
    }

    void finished(long id, long offset, long nowMs) {
        handled.add(id);
        finishedMs.put(new Place(id, offset), nowMs);
        unfinished.remove(new Place(id, offset));
    }

    void check(ChannelStats stats, long earliest, boolean bounded, long nowMs) {
        assertThat(stats.floor()).as("floor of %s", name).isGreaterThanOrEqualTo(floor);
        assertThat(stats.next()).as("next of %s", name).isGreaterThanOrEqualTo(stats.floor());
        floor = stats.floor();
        if (paused != null) {
            assertThat(stats.paused()).as("%s is paused", name).isEqualTo(paused);
        }
        noteFloor(nowMs);
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

    private void noteFloor(long nowMs) {
        if (nowMs >= nextFloorMs) {
            writtenFloor = nextFloor;
        }
        if (nowMs >= nextFloorMs || nextFloorMs == Long.MAX_VALUE) {
            nextFloor = floor;
            nextFloorMs = nowMs + CURSOR_INTERVAL_MS;
        }
    }

    private void forgetWrittenFloor() {
        writtenFloor = 0;
        nextFloorMs = Long.MAX_VALUE;
    }

    /// A move is under way and may fail: the channel stands at the offset or above it.
    void mayHaveSought(long offset) {
        uncertain();
        unfinished.clear();
        floor = offset;
    }

    void sought(long offset) {
        mayHaveSought(offset);
        startBeforeMoves = Math.max(startBeforeMoves, startOffset);
        startOffset = Math.min(startOffset, offset);
        writtenFloor = offset;
    }

    /// Goes on at the offset, without what was deferred.
    void emptied(long offset, Set<Long> deferred) {
        mayHaveSought(offset);
        writtenFloor = offset;
        emptied.addAll(deferred);
    }

    /// Cursors could not be written for a while.
    void uncertain() {
        finishedMs.clear();
        flushed.clear();
        forgetWrittenFloor();
    }

    /// Another process has the channel, and the disk lost nothing.
    void reopened(ChannelStats restored, boolean bounded) {
        mayBeDeleted = false;
        nextFloorMs = Long.MAX_VALUE;
        if (!bounded) {
            assertThat(restored.floor()).as("floor of %s after a restart", name).isGreaterThanOrEqualTo(writtenFloor);
        }
        if (paused != null) {
            assertThat(restored.paused()).as("%s is paused", name).isEqualTo(paused);
        }
        paused = restored.paused();
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
        startBeforeMoves = 0;
        flushed.addAll(finishedMs.keySet());
    }

    void lostPower(ChannelStats restored) {
        mayBeDeleted = false;
        paused = restored.paused();
        emptied.clear();
        forgetWrittenFloor();
        finishedMs.keySet().retainAll(flushed);
        unfinished.clear();
        floor = restored.floor();
        startOffset = Math.max(startOffset, Math.max(startBeforeMoves, floor));
    }
}
