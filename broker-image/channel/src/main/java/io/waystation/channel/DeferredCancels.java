package io.waystation.channel;

import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Which messages of a bucket were taken back: a small log in the bucket's directory, so that it goes with the
/// bucket in one step. Apart from the messages, since it is read at the start and they are not. Confined to the
/// loop of the topic.
///
/// A record's value is the place of the message in the bucket, in 8 bytes. A negative one, -1 - n, says that the bucket
/// had n records when it was opened: what was taken back from there on is not what stands there since.
final class DeferredCancels {
    static final String DIRECTORY = "cancelled";

    private static final int SEGMENT_BYTES = 1024 * 1024;
    private static final int TAIL_BYTES = 4096;

    private final FileStore files;
    private final Path directory;
    private final LogSettings settings;
    private @Nullable PartitionLog log;

    DeferredCancels(FileStore files, Path bucket, LogSettings settings) {
        this.files = files;
        this.directory = bucket.resolve(DIRECTORY);
        this.settings = settings.withSegmentBytes(SEGMENT_BYTES).withTailBytes(TAIL_BYTES);
    }

    /// Marks what was taken back before, of a bucket of so many records.
    void read(BitSet gone, long recordCount, long nowMs) throws IOException {
        if (!files.exists(directory)) {
            return;
        }
        try (LogReader reader = log().reader()) {
            while (reader.next()) {
                if (reader.length() != Long.BYTES) {
                    throw new IOException(directory + ": a record of " + reader.length() + " bytes at offset "
                            + reader.offset() + " (expected: " + Long.BYTES + ")");
                }
                long entry = reader.buffer().getLong(reader.position());
                if (entry >= 0) {
                    gone.set(Math.toIntExact(entry));
                } else {
                    clearFrom(gone, -1 - entry);
                }
            }
        }
        if (gone.length() > recordCount) {
            // A power loss took messages and left their marks, which must not hit the next ones.
            clearFrom(gone, recordCount);
            add(-1 - recordCount, nowMs);
            log().sync();
        }
    }

    private static void clearFrom(BitSet gone, long entry) {
        if (entry < gone.length()) {
            gone.clear((int) entry, gone.length());
        }
    }

    void add(long entry, long nowMs) throws IOException {
        var target = log();
        target.add(nowMs, ByteBuffer.allocate(Long.BYTES).putLong(0, entry), 0, Long.BYTES);
        target.append();
    }

    private PartitionLog log() throws IOException {
        var open = log;
        if (open == null) {
            open = PartitionLog.open(files, directory, settings);
            log = open;
        }
        return open;
    }

    /// The log; null while nothing was taken back.
    @Nullable PartitionLog openLog() {
        return log;
    }

    void close() throws IOException {
        var open = log;
        if (open != null) {
            open.close();
        }
    }
}
