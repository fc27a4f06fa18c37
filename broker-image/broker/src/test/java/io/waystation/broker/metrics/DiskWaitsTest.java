package io.waystation.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskWaitsTest {
    private static final long TICK_NS = 1_000_000;

    @TempDir
    Path directory;

    private final AtomicLong nowNs = new AtomicLong();
    private final DiskWaits waits = new DiskWaits(() -> nowNs.addAndGet(TICK_NS));

    @Test
    void writesReadsAndSyncsAreMeasuredEachForItself() throws IOException {
        try (var file = waits.measured(new DiskFiles()).open(directory.resolve("a"))) {
            file.write(ByteBuffer.wrap(new byte[10]), 0);
            file.write(ByteBuffer.wrap(new byte[10]), 10);
            file.sync();
            file.read(ByteBuffer.allocate(20), 0);
        }

        assertThat(waits.writes().count()).isEqualTo(2);
        assertThat(waits.syncs().count()).isEqualTo(1);
        assertThat(waits.reads().count()).isEqualTo(1);
        assertThat(waits.failureCount()).isZero();
    }

    @Test
    void whatFailsIsMeasuredAndCounted() throws IOException {
        var file = waits.measured(new DiskFiles()).open(directory.resolve("a"));
        file.close();

        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);

        assertThat(waits.syncs().count()).isEqualTo(1);
        assertThat(waits.failureCount()).isEqualTo(1);
    }
}
