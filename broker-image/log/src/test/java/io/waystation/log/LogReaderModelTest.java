package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Readers that jump about in a growing log, against a list. `-Dreader.seed=N` repeats one seed.
class LogReaderModelTest {
    private static final int SEEDS = 40;
    private static final int STEPS = 400;

    @TempDir
    Path directory;

    /// A reader and the offset that it gives next.
    private static final class Place {
        final LogReader reader;
        long next;

        Place(LogReader reader) {
            this.reader = reader;
        }
    }

    @Test
    void everyReaderGivesTheRecordThatFollows() throws IOException {
        Long one = Long.getLong("reader.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? SEEDS : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/log -am verify -Dtest=LogReaderModelTest"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dreader.seed=" + seed,
                        e);
            }
        }
    }

    private void run(long seed) throws IOException {
        var random = new SplittableRandom(seed);
        var settings = LogSettings.defaults()
                .withTailBytes(4096 << random.nextInt(6))
                .withSegmentBytes(20_000 + random.nextInt(100_000));
        var values = new ArrayList<Integer>();
        try (var log = PartitionLog.open(new DiskFiles(), directory.resolve("log" + seed), settings)) {
            append(log, values, random);
            var places = List.of(new Place(log.reader()), new Place(log.reader()), new Place(log.reader()));
            for (int step = 0; step < STEPS; step++) {
                step(log, values, places.get(random.nextInt(places.size())), random);
            }
            places.forEach(place -> place.reader.close());
        }
    }

    private static void step(PartitionLog log, List<Integer> values, Place place, SplittableRandom random)
            throws IOException {
        int dice = random.nextInt(100);
        if (dice < 8) {
            append(log, values, random);
        } else if (dice < 35) {
            seek(log, place, random.nextLong(log.startOffset(), log.endOffset() + 1));
        } else if (dice < 60) {
            seek(log, place, Math.max(0, place.next - 300 + random.nextInt(600)));
        } else if (dice < 63) {
            place.reader.release();
        } else if (dice < 65) {
            log.releaseTail();
        } else if (dice < 67) {
            log.sync();
            log.deleteSegmentsBelow(random.nextLong(log.endOffset() + 1));
        } else {
            read(log, values, place, 1 + random.nextInt(80));
        }
    }

    private static void append(PartitionLog log, List<Integer> values, SplittableRandom random) throws IOException {
        int count = random.nextInt(4) == 0 ? 1 + random.nextInt(1_000) : 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            int value = random.nextInt();
            var bytes = ByteBuffer.allocate(Integer.BYTES + random.nextInt(60)).putInt(0, value);
            log.add(i, bytes, 0, bytes.capacity());
            values.add(value);
        }
        log.append();
    }

    private static void seek(PartitionLog log, Place place, long target) throws IOException {
        place.reader.seek(target);
        place.next = Math.max(target, log.startOffset());
    }

    private static void read(PartitionLog log, List<Integer> values, Place place, int count) throws IOException {
        var reader = place.reader;
        for (int i = 0; i < count; i++) {
            // What was deleted is passed over.
            long from = Math.max(place.next, log.startOffset());
            boolean found = reader.next();
            assertThat(found).isEqualTo(from < log.endOffset());
            if (!found) {
                return;
            }
            assertThat(reader.offset()).isEqualTo(from);
            assertThat(reader.buffer().getInt(reader.position())).isEqualTo(values.get((int) from));
            assertThat(reader.sequenceDelta()).isNotNegative();
            place.next = from + 1;
        }
    }
}
