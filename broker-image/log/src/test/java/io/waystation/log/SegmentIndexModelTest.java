package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random logs, searched by offset and time through their indexes and by a scan.
///
/// `-Dlog.seed=N` repeats one seed, `-Dlog.seeds=N` runs so many.
class SegmentIndexModelTest {
    @TempDir
    Path directory;

    @Test
    void theIndexesFindWhatAScanFinds() throws IOException {
        Long one = Long.getLong("log.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("log.seeds", 40L) : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                run(new SplittableRandom(seed), directory.resolve(Long.toString(seed)));
            } catch (AssertionError | IOException | RuntimeException failure) {
                throw new AssertionError(
                        "mvn -pl broker-image/log test -Dtest=SegmentIndexModelTest -Dtest.jvm=-Dlog.seed=" + seed,
                        failure);
            }
        }
    }

    private static void run(SplittableRandom random, Path path) throws IOException {
        var settings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(5_000 + random.nextInt(60_000));
        var times = new ArrayList<Long>();
        try (var log = PartitionLog.open(new DiskFiles(), path, settings)) {
            fill(log, random, times);
            compare(log, random, times);
            log.releaseTail();
            compare(log, random, times);
        }
        try (var log = PartitionLog.open(new DiskFiles(), path, settings)) {
            compare(log, random, times);
        }
    }

    /// Times mostly grow, sometimes fall back, as a wall clock does.
    private static void fill(PartitionLog log, SplittableRandom random, List<Long> times) throws IOException {
        long timeMs = 1_700_000_000_000L;
        for (int batch = random.nextInt(200); batch >= 0; batch--) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                timeMs += random.nextInt(20) == 0 ? -random.nextInt(5_000) : random.nextInt(100);
                LogBytes.add(log, timeMs, times.size() + "x".repeat(random.nextInt(200)));
                times.add(timeMs);
            }
            log.append();
            if (random.nextInt(10) == 0) {
                for (var seal : log.takeSeals()) {
                    seal.run();
                    log.onSealed(seal);
                }
            }
        }
    }

    private static void compare(PartitionLog log, SplittableRandom random, List<Long> times) throws IOException {
        try (var reader = log.reader()) {
            for (int i = 0; i < 50; i++) {
                int offset = random.nextInt(times.size());
                reader.seek(offset);
                assertThat(reader.next()).isTrue();
                assertThat(reader.offset()).isEqualTo(offset);
                assertThat(reader.timestampMs()).isEqualTo(times.get(offset));
                assertThat(LogBytes.value(reader)).startsWith(Integer.toString(offset));
            }
        }
        for (int i = 0; i < 50; i++) {
            long timeMs = times.get(random.nextInt(times.size())) + random.nextInt(-1, 2);
            assertThat(log.offsetAtOrAfter(timeMs)).as("time %d", timeMs).isEqualTo(scan(times, timeMs));
        }
    }

    private static long scan(List<Long> times, long timeMs) {
        int offset = 0;
        while (offset < times.size() && times.get(offset) < timeMs) {
            offset++;
        }
        return offset;
    }
}
