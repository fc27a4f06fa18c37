package io.waystation.channel;

import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The messages of a topic that were published to be delivered later. They wait in the directory `deferred`, in buckets
/// of a minute for the coming hour and of an hour beyond, and are appended to the partition's log when they are due.
/// Confined to the loop of the topic.
///
/// Due times are wall time, as in `nowMs` of every method: a step of the clock moves them by as much, and none fires
/// twice. Memory holds 8 bytes for each message of the current bucket and the next, so a million messages for next week
/// cost only disk.
public final class DeferredStore implements AutoCloseable {
    static final long MINUTE_MS = 60_000;
    static final long HOUR_MS = 60 * MINUTE_MS;

    /// Buckets are read so long before they begin.
    private static final long LOAD_AHEAD_MS = MINUTE_MS;

    /// Buckets that are through wait so long for the partition's log to become durable; then it is made so.
    private static final long SYNC_AFTER_MS = 10 * MINUTE_MS;

    /// Files and buffers that were not needed for so long are given back.
    private static final long RELEASE_INTERVAL_MS = 10_000;

    private static final long SEGMENT_BYTES = 16 * 1024 * 1024;
    private static final int TAIL_BYTES = 64 * 1024;

    /// Messages are read in the order of their due times, so most of a larger chunk would be read for nothing.
    private static final int READ_BYTES = 16 * 1024;

    private final FileStore files;
    private final Path directory;
    private final PartitionLog log;
    private final LogSettings settings;
    private final int maxWaiting;

    /// By start.
    private final TreeMap<Long, DeferredBucket> minutes = new TreeMap<>();

    private final TreeMap<Long, DeferredBucket> hours = new TreeMap<>();
    private final List<DeferredBucket> pending = new ArrayList<>();
    private long nowMs;
    private long releasedMs;

    /// Whether a record of the partition's log was published to be delivered later.
    public static boolean isDeferred(LogReader record) {
        return DeferredBucket.isProducer(record.producerId());
    }

    /// Since when a message could be delivered: its time, or for one that was deferred the end of its bucket, a minute
    /// after it was due at most, or an hour when it was deferred by more than one.
    static long availableSinceMs(LogReader record) {
        long producerId = record.producerId();
        long timestampMs = record.timestampMs();
        return DeferredBucket.isProducer(producerId)
                ? Math.max(timestampMs, DeferredBucket.endMs(producerId))
                : timestampMs;
    }

    private DeferredStore(
            FileStore files, Path directory, PartitionLog log, LogSettings settings, int maxWaiting, long nowMs) {
        this.files = files;
        this.directory = directory;
        this.log = log;
        this.settings = new LogSettings(
                SEGMENT_BYTES, Long.MAX_VALUE, TAIL_BYTES, READ_BYTES, settings.buffers(), settings.ids());
        this.maxWaiting = maxWaiting;
        this.nowMs = nowMs;
        this.releasedMs = nowMs;
    }

    /// Opens what is in the directory; what is due fires into `log`.
    public static DeferredStore open(
            FileStore files, Path directory, PartitionLog log, LogSettings settings, long wallNowMs)
            throws IOException {
        return open(files, directory, log, settings, DeferredBucket.MAX_WAITING, wallNowMs);
    }

    static DeferredStore open(
            FileStore files, Path directory, PartitionLog log, LogSettings settings, int maxWaiting, long wallNowMs)
            throws IOException {
        var store = new DeferredStore(files, directory, log, settings, maxWaiting, wallNowMs);
        for (String name : files.list(directory)) {
            if (name.endsWith(DeferredBucket.DELETED_SUFFIX)) {
                DeferredBucket.deleteDirectory(files, directory.resolve(name));
            } else {
                store.openBucket(name);
            }
        }
        return store;
    }

    private void openBucket(String name) throws IOException {
        int dash = name.indexOf('-');
        try {
            long widthMs = Long.parseLong(name.substring(dash + 1));
            if (widthMs == MINUTE_MS || widthMs == HOUR_MS) {
                bucket(Long.parseLong(name.substring(0, dash)), widthMs);
                return;
            }
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            // Refused below, as any other name.
        }
        throw new IOException(directory.resolve(name) + " is no bucket (expected: <start>-" + MINUTE_MS + " or <start>-"
                + HOUR_MS + ")");
    }

    private DeferredBucket bucket(long startMs, long widthMs) throws IOException {
        var buckets = widthMs == MINUTE_MS ? minutes : hours;
        var bucket = buckets.get(startMs);
        if (bucket == null) {
            bucket = new DeferredBucket(files, directory, settings, startMs, widthMs, maxWaiting);
            buckets.put(startMs, bucket);
        }
        return bucket;
    }

    private List<DeferredBucket> buckets() {
        var all = new ArrayList<>(minutes.values());
        all.addAll(hours.values());
        return all;
    }

    /// The buckets' logs, for sealing and syncing.
    public List<PartitionLog> logs() {
        return buckets().stream().map(DeferredBucket::log).toList();
    }

    /// Messages that wait. Those of a bucket that was not read since the start count as its records, which differs only
    /// after a clock was set back.
    public long count() {
        long count = 0;
        for (var bucket : minutes.values()) {
            count += bucket.count();
        }
        for (var bucket : hours.values()) {
            count += bucket.count();
        }
        return count;
    }

    // Adding

    /// Copies a message that is due at `dueMs` into an open batch; no I/O but where a bucket is opened.
    public void add(long dueMs, long timestampMs, ByteBuffer source, int position, int length) throws IOException {
        add(dueMs, timestampMs, null, RecordHeaders.NONE, source, position, length);
    }

    /// Like [#add(long, long, ByteBuffer, int, int)], with a key (null: none) and headers.
    public void add(
            long dueMs,
            long timestampMs,
            byte @Nullable [] key,
            RecordHeaders headers,
            ByteBuffer source,
            int position,
            int length)
            throws IOException {
        long atMs = Math.max(dueMs, nowMs);
        long widthMs = atMs - nowMs < HOUR_MS ? MINUTE_MS : HOUR_MS;
        var bucket = bucket(Math.floorDiv(atMs, widthMs) * widthMs, widthMs);
        if (!pending.contains(bucket)) {
            pending.add(bucket);
        }
        bucket.add(dueMs, timestampMs, key, headers, source, position, length);
    }

    /// Stores what was added. When it fails, some may be stored nevertheless, if they were for different buckets.
    public void append() throws IOException {
        try {
            for (var bucket : pending) {
                bucket.append();
            }
        } finally {
            discardPending();
        }
    }

    /// Forgets what was added and not appended.
    public void discardPending() {
        pending.forEach(DeferredBucket::discardPending);
        pending.clear();
    }

    /// Makes what was appended survive a power loss. Waits for the disk.
    public void sync() throws IOException {
        for (var bucket : buckets()) {
            bucket.log().sync();
        }
    }

    // Firing

    /// When [#fire] has something to do next: a message is due, a bucket is to be read or removed. Long.MAX_VALUE
    /// when there is none.
    public long nextDueMs() {
        return Math.min(nextDueMs(minutes), nextDueMs(hours));
    }

    private long nextDueMs(SortedMap<Long, DeferredBucket> buckets) {
        long nextMs = Long.MAX_VALUE;
        for (var bucket : buckets.values()) {
            if (bucket.startMs() - LOAD_AHEAD_MS >= nextMs) {
                break;
            }
            nextMs = Math.min(nextMs, nextStepMs(bucket));
        }
        return nextMs;
    }

    private static long nextStepMs(DeferredBucket bucket) {
        if (!bucket.isReady()) {
            return bucket.startMs() - LOAD_AHEAD_MS;
        }
        return bucket.isDone() ? bucket.endMs() + SYNC_AFTER_MS : bucket.nextDueMs();
    }

    /// Appends messages that are due to the partition's log, which must have no open batch, in the order of their
    /// due times and so many at a time; returns how many. To be called again while [#nextDueMs()] is past.
    public int fire(long wallNowMs) throws IOException {
        nowMs = wallNowMs;
        if (log.pendingCount() > 0) {
            throw new IllegalStateException("the log has an open batch of " + log.pendingCount() + " records");
        }
        boolean loading = false;
        DeferredBucket first = null;
        long untilMs = nowMs;
        for (var bucket : buckets()) {
            if (!bucket.isReady() && bucket.startMs() - LOAD_AHEAD_MS <= nowMs) {
                bucket.load(log);
                loading |= !bucket.isReady() && bucket.startMs() <= nowMs;
            }
            if (first == null || bucket.nextDueMs() < first.nextDueMs()) {
                untilMs = first == null ? untilMs : Math.min(untilMs, first.nextDueMs());
                first = bucket;
            } else {
                untilMs = Math.min(untilMs, bucket.nextDueMs());
            }
        }
        // While a bucket is being read nobody knows what is due first.
        int fired = first == null || loading ? 0 : first.fire(log, untilMs);
        if (fired == 0) {
            removeDone();
        }
        return fired;
    }

    private void removeDone() throws IOException {
        boolean release = nowMs - releasedMs >= RELEASE_INTERVAL_MS;
        for (var bucket : buckets()) {
            if (bucket.isDone() && bucket.endMs() <= nowMs) {
                remove(bucket);
            } else if (release) {
                bucket.releaseTail();
            }
        }
        if (release) {
            releasedMs = nowMs;
        }
    }

    private void remove(DeferredBucket bucket) throws IOException {
        if (log.recoveryPoint() < bucket.firedEndOffset()) {
            if (nowMs - bucket.endMs() < SYNC_AFTER_MS) {
                return;
            }
            log.sync();
        }
        minutes.remove(bucket.startMs(), bucket);
        hours.remove(bucket.startMs(), bucket);
        bucket.delete();
    }

    /// Drops everything: the topic is emptied or deleted.
    public void clear() throws IOException {
        discardPending();
        for (var bucket : buckets()) {
            minutes.remove(bucket.startMs(), bucket);
            hours.remove(bucket.startMs(), bucket);
            bucket.delete();
        }
    }

    @Override
    public void close() throws IOException {
        for (var bucket : buckets()) {
            bucket.close();
        }
    }
}
