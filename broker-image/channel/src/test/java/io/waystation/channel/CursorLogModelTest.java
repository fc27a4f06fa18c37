package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.log.DiskFiles;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever channels went through, the log gives back what they were when their deltas were written.
final class CursorLogModelTest {
    private static final int MESSAGES = 400_000;
    private static final int ROUNDS = 40;
    private static final long WALL_MS = 1_700_000_000_000L;

    @TempDir
    Path directory;

    private final DiskFiles files = new DiskFiles();
    private final LogSettings logSettings = LogSettings.defaults().withTailBytes(4096);

    /// Small, so that checkpoints and the deletion of segments happen all the time.
    private final CursorLogSettings settings =
            new CursorLogSettings(logSettings.withSegmentBytes(3_000), 100, 1_000, 2_000);

    /// A channel as a consumer could tell it.
    private record State(
            int generation,
            long floor,
            long next,
            Map<Long, Integer> attempts,
            Map<Long, Long> dues,
            boolean paused,
            String note) {}

    @Test
    void restoredChannelsAreWhatTheyWere() throws IOException {
        for (long seed = 0; seed < 4; seed++) {
            var home = directory.resolve("seed" + seed);
            try (var partition = PartitionLog.open(files, home, logSettings)) {
                publish(partition);
                run(new SplittableRandom(seed), home, partition);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private void run(SplittableRandom random, Path home, PartitionLog partition) throws IOException {
        var cursors = CursorLog.open(files, home.resolve("cursors"), partition, settings, at(0));
        long nowMs = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = random.nextInt(30); i >= 0; i--) {
                step(random, cursors, nowMs);
                nowMs += random.nextInt(50);
                cursors.writeDeltas(at(nowMs), false);
            }
            for (var task : cursors.log().takeSeals()) {
                task.run();
                cursors.log().onSealed(task);
            }
            for (var cursor : cursors.channels().values()) {
                cursor.expire(nowMs, (_, _, _) -> 0);
            }
            cursors.writeDeltas(at(nowMs), true);
            var before = states(cursors, nowMs);
            cursors.close();

            cursors = CursorLog.open(files, home.resolve("cursors"), partition, settings, at(nowMs));

            assertThat(states(cursors, nowMs)).isEqualTo(before);
            cursors.channels().values().forEach(CursorValidity::check);
        }
        assertThat(cursors.log().sizeBytes()).isLessThan(600_000);
        cursors.close();
    }

    private static Moment at(long nowMs) {
        return new Moment(nowMs, WALL_MS + nowMs);
    }

    private static void step(SplittableRandom random, CursorLog cursors, long nowMs) throws IOException {
        String channel = "c" + random.nextInt(4);
        var cursor = cursors.channels().get(channel);
        if (cursor == null) {
            cursors.createChannel(channel, random.nextInt(MESSAGES));
            return;
        }
        switch (random.nextInt(20)) {
            case 0 -> cursors.setPaused(channel, random.nextBoolean());
            case 1 -> cursors.set(channel, "note", random.nextBoolean() ? "n" + random.nextInt(100) : null);
            case 2 -> {
                if (random.nextInt(10) == 0) {
                    cursors.deleteChannel(channel);
                } else if (random.nextInt(3) == 0) {
                    cursors.seek(channel, random.nextInt(MESSAGES));
                }
            }
            case 3, 4 -> skipFar(random, cursor);
            case 5 -> cursor.expire(nowMs, (_, _, _) -> 0);
            default -> deliverAndFinish(random, cursor, nowMs);
        }
    }

    private static void skipFar(SplittableRandom random, Cursor cursor) {
        for (int i = random.nextInt(40_000); i > 0 && cursor.next() < MESSAGES; i--) {
            cursor.skip(cursor.next());
        }
    }

    private static void deliverAndFinish(SplittableRandom random, Cursor cursor, long nowMs) {
        var delivered = new ArrayList<Long>();
        int finishPercent = random.nextInt(101);
        for (int i = random.nextInt(300); i >= 0; i--) {
            long offset = random.nextInt(3) == 0 ? cursor.pollRedelivery() : -1;
            offset = offset < 0 ? cursor.next() : offset;
            if (offset < MESSAGES) {
                cursor.deliver(offset, 1, nowMs, nowMs + 1_000);
                delivered.add(offset);
            }
        }
        for (long offset : delivered) {
            if (random.nextInt(100) < finishPercent) {
                cursor.finish(offset, 1);
            } else {
                long delayMs = random.nextInt(4) == 0 ? random.nextInt(20_000) : 0;
                cursor.requeue(offset, 1, nowMs, nowMs + delayMs);
            }
        }
    }

    private static Map<String, State> states(CursorLog cursors, long nowMs) {
        var states = new HashMap<String, State>();
        cursors.channels().forEach((name, cursor) -> states.put(name, state(cursors, name, cursor, nowMs)));
        return states;
    }

    private static State state(CursorLog cursors, String name, Cursor cursor, long nowMs) {
        var attempts = new TreeMap<Long, Integer>();
        var dues = new TreeMap<Long, Long>();
        for (long offset : cursor.deferredOffsets()) {
            dues.put(offset, nowMs + cursor.deferredForMs(offset, nowMs));
        }
        List<Slots> all = List.of(cursor.stragglers(), cursor.window());
        for (Slots slots : all) {
            for (int i = 0; i < slots.slotCount(); i++) {
                int slot = (slots.firstSlot() + i) & (slots.capacity() - 1);
                if (slots.holder[slot] != Slots.DONE) {
                    attempts.put(slots.offsetAt(slot), (int) slots.attempts[slot]);
                }
            }
        }
        return new State(
                cursor.generation(),
                cursor.floor(),
                cursor.next(),
                attempts,
                dues,
                cursors.paused(name),
                String.valueOf(cursors.property(name, "note")));
    }

    private static void publish(PartitionLog partition) throws IOException {
        var body = ByteBuffer.wrap(new byte[1]);
        for (int i = 0; i < MESSAGES; i++) {
            partition.add(0, body, 0, 1);
        }
        partition.append();
    }
}
