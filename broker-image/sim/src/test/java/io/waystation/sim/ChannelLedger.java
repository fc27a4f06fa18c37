package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.channel.Cursor;
import io.waystation.sim.MessageLedger.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What the outside world knows of a channel: what was finished, and what of that the broker said it had written.
final class ChannelLedger {
    /// The channel at one moment.
    private record Snapshot(Set<Place> finished, Map<Place, Integer> attempts, long floor) {}

    final String name;

    /// Finished or passed over at some time. In the end every message is.
    final Set<Place> handled = new HashSet<>();

    /// Messages below it are none of the channel's.
    long startOffset;

    int generation;
    boolean paused;
    private Set<Place> finished = new HashSet<>();
    private Map<Place, Integer> attempts = new HashMap<>();
    private long floor;
    private Snapshot written;
    private Snapshot durable;
    private boolean createdDurably;
    private boolean soughtSinceDurable;

    ChannelLedger(String name, long startOffset) {
        this.name = name;
        this.startOffset = startOffset;
        this.floor = startOffset;
        this.written = snapshot();
        this.durable = written;
    }

    boolean isCreatedDurably() {
        return createdDurably;
    }

    void delivered(Place place, int attempt) {
        assertThat(finished).as("finished messages of %s", name).doesNotContain(place);
        assertThat(attempt).as("attempts of %s in %s", place, name).isGreaterThan(attempts.getOrDefault(place, 0));
        attempts.put(place, attempt);
    }

    void finished(Place place) {
        finished.add(place);
        handled.add(place);
        attempts.remove(place);
    }

    void check(Cursor cursor) {
        assertThat(cursor.generation()).as("generation of %s", name).isEqualTo(generation);
        assertThat(cursor.floor()).as("floor of %s", name).isGreaterThanOrEqualTo(floor);
        assertThat(cursor.next()).as("next of %s", name).isGreaterThanOrEqualTo(cursor.floor());
        floor = cursor.floor();
    }

    /// The channel goes on at an offset: what is below it is passed over, the rest comes anew.
    void sought(long offset, int newGeneration, Set<Place> below) {
        finished = new HashSet<>(below);
        handled.addAll(below);
        attempts = new HashMap<>();
        floor = offset;
        generation = newGeneration;
        startOffset = Math.min(startOffset, offset);
        soughtSinceDurable = true;
        written();
    }

    /// All this is in the cursor log.
    void written() {
        written = snapshot();
    }

    /// And what is in the cursor log was synced.
    void durable() {
        durable = written;
        createdDurably = true;
        soughtSinceDurable = false;
    }

    private Snapshot snapshot() {
        return new Snapshot(Set.copyOf(finished), Map.copyOf(attempts), floor);
    }

    void killed() {
        restore(written);
    }

    /// Of what was not synced anything may have been lost.
    void lostPower(Cursor cursor, long endOffset) {
        restore(durable);
        if (soughtSinceDurable) {
            finished = new HashSet<>();
            attempts = new HashMap<>();
            startOffset = Math.max(startOffset, cursor.floor());
            floor = cursor.floor();
        }
        finished.removeIf(place -> place.offset() >= endOffset);
        attempts.keySet().removeIf(place -> place.offset() >= endOffset);
        floor = Math.min(floor, endOffset);
        startOffset = Math.min(startOffset, endOffset);
        generation = cursor.generation();
        written();
        durable = written;
    }

    private void restore(Snapshot snapshot) {
        finished = new HashSet<>(snapshot.finished);
        attempts = new HashMap<>(snapshot.attempts);
        floor = snapshot.floor;
    }
}
