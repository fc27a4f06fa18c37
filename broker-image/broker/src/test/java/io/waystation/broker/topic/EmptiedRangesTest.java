package io.waystation.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.Moment;
import io.waystation.log.DiskFiles;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptiedRangesTest {
    @TempDir
    Path directory;

    private PartitionLog messages;
    private CursorLog cursors;
    private EmptiedRanges ranges;

    @BeforeEach
    void open() throws IOException {
        var settings = LogSettings.defaults();
        messages = PartitionLog.open(new DiskFiles(), directory, settings);
        cursors = CursorLog.open(
                new DiskFiles(),
                directory.resolve("cursors"),
                messages,
                CursorLogSettings.of(settings),
                new Moment(0, 0));
        ranges = new EmptiedRanges(cursors);
    }

    @AfterEach
    void close() throws IOException {
        cursors.close();
        messages.close();
    }

    private void reopen() throws IOException {
        close();
        open();
    }

    @Test
    void they_hold_what_was_added_and_not_cut() throws IOException {
        long seed = Long.getLong("ranges.seed", 1);
        var random = new SplittableRandom(seed);
        var model = new BitSet();
        int end = 0;
        for (int i = 0; i < 100; i++) {
            if (random.nextInt(5) == 0) {
                end = Math.max(0, end - random.nextInt(20));
                ranges.cut(end);
                model.clear(end, Math.max(end, model.length()));
            } else {
                int from = end + random.nextInt(3) * random.nextInt(5);
                end = from + 1 + random.nextInt(10);
                ranges.add(from, end, 0, 0);
                model.set(from, end);
            }
            if (random.nextInt(10) == 0) {
                reopen();
            }

            expect(model, "-Dranges.seed=" + seed + ", step " + i);
        }
    }

    private void expect(BitSet model, String description) {
        for (int offset = 0; offset < model.length() + 2; offset++) {
            assertThat(ranges.contains(offset)).as(description).isEqualTo(model.get(offset));
            assertThat(ranges.endOf(offset)).as(description).isEqualTo(model.nextClearBit(offset));
            assertThat(ranges.countIn(offset, offset + 30))
                    .as(description)
                    .isEqualTo(model.get(offset, offset + 30).cardinality());
        }
    }

    @Test
    void those_below_the_log_are_forgotten() throws IOException {
        ranges.add(0, 10, 0, 0);
        ranges.add(20, 30, 5, 5);
        ranges.add(40, 50, 10, 10);

        assertThat(ranges.count()).isEqualTo(2);
    }

    @Test
    void at_the_bound_those_that_every_channel_is_past_are_forgotten_and_none_else() throws IOException {
        for (int i = 0; i < EmptiedRanges.MAX_RANGES; i++) {
            ranges.add(2L * i, 2L * i + 1, 0, 0);
        }

        long next = 2L * EmptiedRanges.MAX_RANGES;
        assertThatThrownBy(() -> ranges.add(next, next + 1, 0, 0))
                .hasMessage("emptied ranges: 256 that channels have not passed (expected: fewer than 256)");
        ranges.add(next, next + 1, 0, 1);

        assertThat(ranges.contains(0)).isFalse();
        assertThat(ranges.contains(2)).isTrue();
        assertThat(ranges.contains(next)).isTrue();
    }

    @Test
    void a_range_that_goes_on_where_the_last_one_ends_takes_no_room() throws IOException {
        for (int i = 0; i < 2 * EmptiedRanges.MAX_RANGES; i++) {
            ranges.add(i, i + 1, 0, 0);
        }

        assertThat(ranges.count()).isEqualTo(1);
    }
}
