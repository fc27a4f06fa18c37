package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// Which messages a topic has seen before, by the keys they bear: those of producers, or of dead letters
/// ([TopicKeys]). Confined to the topic's loop.
///
/// A key counts from the publish on for the topic's window, at most [KeyWindow#MAX_KEYS] of them. Keys of an open batch
/// are given back when it cannot be stored. Keys stand in record headers, so that a kill between message and
/// [DeduplicationLog] forgets none; of deferred messages only the log knows, so it is written with them at once.
final class TopicDeduplication {
    private static final long WRITE_INTERVAL_MS = 200;
    private static final String HASH = "SHA-256";

    private record Key(long high, long low, long timeMs, long place) {}

    private final TopicContext context;
    private final Loop loop;
    private final Path directory;
    private final String header;
    private final LogSettings settings;
    private final PartitionLog messages;
    private final Sealer sealer;
    private final KeyWindow window = new KeyWindow();
    /// Of the open batches, of the log and of deferred messages.
    private final List<Key> open = new ArrayList<>();

    private @Nullable DeduplicationLog log;
    private @Nullable MessageDigest digest;
    private long windowMs;
    /// Until then of the loop's monotonic clock no key is forgotten for its age.
    private long keptUntilMs = Long.MIN_VALUE;

    private long duplicateCount;
    private boolean isDeferredUnwritten;
    private boolean timerArmed;
    private boolean closed;

    /// @param directory in which the keys have a log of their own
    /// @param header of a message, that bears its key
    TopicDeduplication(
            TopicContext context,
            Loop loop,
            Path directory,
            String header,
            LogSettings settings,
            PartitionLog messages) {
        this.context = context;
        this.loop = loop;
        this.directory = directory;
        this.header = header;
        this.settings = settings;
        this.messages = messages;
        this.sealer = new Sealer(context, loop, () -> {});
    }

    /// Reads what is stored; before anything else.
    void restore(FileStore files) throws IOException {
        var opened = DeduplicationLog.open(files, directory, settings);
        log = opened;
        opened.read(window, messages.endOffset(), loop.wallMs());
        readKeys(opened, opened.covered());
        if (opened.covered() < messages.endOffset()) {
            try {
                opened.write(messages.endOffset(), loop.wallMs());
            } catch (DiskFullException full) {
                // The keys stand in the messages, which stay until this is written.
                context.volume().full(full.getMessage());
            }
        }
    }

    private void readKeys(DeduplicationLog target, long fromOffset) throws IOException {
        try (LogReader reader = messages.reader()) {
            reader.seek(fromOffset);
            while (reader.next()) {
                var found = reader.headers().last(header);
                byte[] key = found == null ? null : found.value();
                if (key != null) {
                    place(target, hash(key), reader.timestampMs(), reader.offset());
                }
            }
        }
    }

    private void place(DeduplicationLog target, ByteBuffer hash, long timeMs, long offset) {
        long high = hash.getLong(0);
        long low = hash.getLong(Long.BYTES);
        if (window.contains(high, low)) {
            window.move(high, low, offset);
        } else {
            window.add(high, low, timeMs, offset);
        }
        target.add(high, low, timeMs, offset);
    }

    private ByteBuffer hash(byte[] key) {
        var present = digest;
        if (present == null) {
            try {
                present = MessageDigest.getInstance(HASH);
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("every Java platform has " + HASH, impossible);
            }
            digest = present;
        }
        return ByteBuffer.wrap(present.digest(key));
    }

    void windowMs(long newWindowMs) {
        windowMs = newWindowMs;
    }

    /// Lets each key that is stored count for another window, however long no process ran.
    void keepStored() {
        keptUntilMs = loop.nowMs() + windowMs;
    }

    /// Keys from before it are forgotten.
    private long forgottenBeforeMs() {
        return loop.nowMs() < keptUntilMs ? Long.MIN_VALUE : loop.wallMs() - windowMs;
    }

    /// Publishes that were answered and not stored, since the process began.
    long duplicateCount() {
        return duplicateCount;
    }

    /// Keys forgotten before their time, since the process began.
    long evictedCount() {
        return window.evictedCount();
    }

    int keyCount() {
        return window.size();
    }

    /// Forgets the keys of deferred messages that a power loss took.
    void verify(LongPredicate wasStored) throws IOException {
        var target = log;
        if (target == null) {
            return;
        }
        var dropped = new Keys();
        window.removeIf(
                place -> place >= DeduplicationLog.DEFERRED && !wasStored.test(place - DeduplicationLog.DEFERRED),
                dropped::add);
        if (dropped.count > 0) {
            target.drop(dropped.values, dropped.count, loop.wallMs());
        }
    }

    /// Keys in a row, high and low.
    private static final class Keys {
        long[] values = new long[16];
        int count;

        void add(long high, long low) {
            if (2 * count == values.length) {
                values = Arrays.copyOf(values, 2 * values.length);
            }
            values[2 * count] = high;
            values[2 * count + 1] = low;
            count++;
        }
    }

    /// Deferred messages went to the log, from the offset on: their keys have their places there from now on.
    void fired(long fromOffset) throws IOException {
        var target = log;
        if (target != null) {
            readKeys(target, fromOffset);
            writeSoon();
        }
    }

    /// Whether the key came within the window; if not, [#add] it with its message.
    boolean isDuplicate(byte[] key) {
        if (windowMs == 0) {
            return false;
        }
        window.expire(forgottenBeforeMs());
        var hash = hash(key);
        long high = hash.getLong(0);
        long low = hash.getLong(Long.BYTES);
        if (window.contains(high, low)) {
            duplicateCount++;
            return true;
        }
        return false;
    }

    /// Remembers a key that is new. `place` is the offset of its message, or that of a deferred one with
    /// [DeduplicationLog#DEFERRED].
    void add(byte[] key, long place) {
        if (windowMs > 0) {
            var hash = hash(key);
            long high = hash.getLong(0);
            long low = hash.getLong(Long.BYTES);
            window.add(high, low, loop.wallMs(), place);
            open.add(new Key(high, low, loop.wallMs(), place));
        }
    }

    /// To be called before the first message with a key is stored: without the log's directory the start looks for no
    /// keys.
    void begin() throws IOException {
        if (log == null) {
            var made = DeduplicationLog.open(context.files(), directory, settings);
            made.write(messages.endOffset(), loop.wallMs());
            log = made;
        }
    }

    /// The open batches are stored, or not: that of the log, and those of deferred messages. Whether
    /// all keys would outlast the process now.
    boolean appended(boolean logStored, boolean deferredStored) {
        for (var key : open) {
            boolean isDeferred = key.place >= DeduplicationLog.DEFERRED;
            if (isDeferred ? deferredStored : logStored) {
                Objects.requireNonNull(log).add(key.high, key.low, key.timeMs, key.place);
                isDeferredUnwritten |= isDeferred;
            } else {
                window.remove(key.high, key.low);
            }
        }
        if (!open.isEmpty()) {
            open.clear();
            writeSoon();
        }
        if (isDeferredUnwritten) {
            write();
        }
        return !isDeferredUnwritten;
    }

    private void writeSoon() {
        if (!timerArmed) {
            timerArmed = true;
            loop.schedule(this::onTimer, WRITE_INTERVAL_MS);
        }
    }

    private void onTimer() {
        timerArmed = false;
        if (!closed) {
            write();
        }
    }

    /// Writes what is known of all stored messages, so that these may be deleted: below the offset that
    /// is returned. On a full disk that is what was written before. Then the messages behind it wait
    /// for room that something else has to give back, since their keys would be forgotten with them.
    long cover() {
        var target = log;
        if (target == null) {
            return Long.MAX_VALUE;
        }
        if (target.covered() < messages.endOffset()) {
            write();
        }
        return target.covered();
    }

    private void write() {
        var target = log;
        if (target == null || context.volume().failure() != null) {
            return;
        }
        try {
            target.write(messages.endOffset(), loop.wallMs());
            isDeferredUnwritten = false;
            sealer.sealRolled(target.log());
            long end = target.log().expiredEnd(forgottenBeforeMs(), Long.MAX_VALUE, Long.MAX_VALUE);
            target.log().deleteSegmentsBelow(end);
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    /// The log for flushing; null while no key was given.
    @Nullable PartitionLog partition() {
        var target = log;
        return target == null ? null : target.log();
    }

    void close() throws IOException {
        if (!closed) {
            cover();
            closed = true;
            var target = log;
            if (target != null) {
                target.log().close();
            }
        }
    }
}
