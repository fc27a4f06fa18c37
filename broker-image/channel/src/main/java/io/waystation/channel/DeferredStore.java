package io.waystation.channel;

import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.FlushTask;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The messages of a topic that were published to be delivered later. They wait in the directory `deferred`, in buckets
/// of a minute for the coming hour, of an hour for the coming 30 days and of a day beyond, and are appended to the
/// partition's log when they are due.
/// Confined to the loop of the topic.
///
/// Due times are wall time, as in `nowMs` of every method: a step of the clock moves them by as much, and none fires
/// twice. Memory holds 8 bytes for each message of the current bucket and the next, so a million messages for next week
/// cost only disk.
public final class DeferredStore implements AutoCloseable {
    /// The header of a message that was deferred: when it was due, in milliseconds since 1970, as text.
    public static final String DUE_HEADER = "waystation-due";

    static final long MINUTE_MS = 60_000;
    static final long HOUR_MS = 60 * MINUTE_MS;
    static final long DAY_MS = 24 * HOUR_MS;
    static final List<Long> WIDTHS = List.of(MINUTE_MS, HOUR_MS, DAY_MS);

    /// Of the numbers in a place: bucket's start in minutes, width, entry.
    private static final int PLACE_WIDTH_BITS = 2;

    private static final int PLACE_ENTRY_BITS = 31;

    /// Delays from here on go to buckets of an hour, and from the next on to buckets of a day.
    private static final long HOURS_FROM_MS = HOUR_MS;

    private static final long DAYS_FROM_MS = 30 * DAY_MS;

    /// Buckets are read so long before they begin.
    static final long LOAD_AHEAD_MS = MINUTE_MS;

    /// Buckets that are through wait so long for the partition's log to become durable; then it is made so.
    private static final long SYNC_AFTER_MS = 10 * MINUTE_MS;

    /// Files and buffers that were not needed for so long are given back.
    private static final long RELEASE_INTERVAL_MS = 10_000;

    private static final long SEGMENT_BYTES = 16 * 1024 * 1024;
    private static final int TAIL_BYTES = 64 * 1024;

    /// Messages are read in the order of their due times, so most of a larger chunk would be read for nothing.
    private static final int READ_BYTES = 16 * 1024;

    private static final Comparator<DeferredBucket> ORDER =
            Comparator.comparingLong(DeferredBucket::startMs).thenComparingLong(DeferredBucket::widthMs);

    private final FileStore files;
    private final Path directory;
    private final PartitionLog log;
    private final LogSettings settings;
    private final int maxWaiting;

    /// By width, then by start.
    private final Map<Long, SortedMap<Long, DeferredBucket>> buckets = new TreeMap<>();

    private final List<DeferredBucket> pending = new ArrayList<>();
    /// Logs that have segments to seal.
    private final Set<PartitionLog> rolled = new LinkedHashSet<>();
    private long nowMs;
    private long releasedMs;

    /// Whether a record of the partition's log was published to be delivered later.
    public static boolean isDeferred(LogReader record) {
        return DeferredBucket.isProducer(record.producerId());
    }

    /// Since when a message could be delivered: its time, or the time at which a deferred one was due.
    static long availableSinceMs(LogReader record) {
        long timestampMs = record.timestampMs();
        var due = isDeferred(record) ? record.headers().last(DUE_HEADER) : null;
        return due == null ? timestampMs : Math.max(timestampMs, Long.parseLong(due.text()));
    }

    private DeferredStore(
            FileStore files, Path directory, PartitionLog log, LogSettings settings, int maxWaiting, long nowMs) {
        this.files = files;
        this.directory = directory;
        this.log = log;
        this.settings = new LogSettings(
                SEGMENT_BYTES,
                Long.MAX_VALUE,
                TAIL_BYTES,
                READ_BYTES,
                settings.buffers(),
                settings.ids(),
                settings.failures());
        this.maxWaiting = maxWaiting;
        this.nowMs = nowMs;
        this.releasedMs = nowMs;
        for (long widthMs : WIDTHS) {
            buckets.put(widthMs, new TreeMap<>());
        }
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
        store.clearDeleted();
        for (String name : files.list(directory)) {
            store.openBucket(name);
        }
        return store;
    }

    /// Buckets that the last process named as deleted. Their names may not be durable: without a sync a power loss
    /// could
    /// bring back the old ones, of which parts are deleted then.
    private void clearDeleted() throws IOException {
        var deleted = files.list(directory).stream()
                .filter(name -> name.endsWith(DeferredBucket.DELETED_SUFFIX))
                .toList();
        if (deleted.isEmpty()) {
            return;
        }
        files.syncDirectory(directory);
        for (var name : deleted) {
            DeferredBucket.deleteDirectory(files, directory.resolve(name));
        }
    }

    private void openBucket(String name) throws IOException {
        int dash = name.indexOf('-');
        try {
            long widthMs = Long.parseLong(name.substring(dash + 1));
            if (WIDTHS.contains(widthMs)) {
                rolled(bucket(Long.parseLong(name.substring(0, dash)), widthMs));
                return;
            }
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            // Refused below, as any other name.
        }
        throw new IOException(
                directory.resolve(name) + " is no bucket (expected: <start>-<width>, the width one of " + WIDTHS + ")");
    }

    private DeferredBucket bucket(long startMs, long widthMs) throws IOException {
        var ofWidth = ofWidth(widthMs);
        var bucket = ofWidth.get(startMs);
        if (bucket == null) {
            boolean soon = startMs - LOAD_AHEAD_MS <= nowMs;
            bucket = new DeferredBucket(files, directory, settings, startMs, widthMs, maxWaiting, soon);
            ofWidth.put(startMs, bucket);
        }
        return bucket;
    }

    private SortedMap<Long, DeferredBucket> ofWidth(long widthMs) {
        return Objects.requireNonNull(buckets.get(widthMs));
    }

    private List<DeferredBucket> buckets() {
        var all = new ArrayList<DeferredBucket>();
        for (var ofWidth : buckets.values()) {
            all.addAll(ofWidth.values());
        }
        return all;
    }

    private void forget(DeferredBucket bucket) {
        ofWidth(bucket.widthMs()).remove(bucket.startMs());
        rolled.remove(bucket.log());
    }

    private void rolled(DeferredBucket bucket) {
        if (bucket.log().hasSeals()) {
            rolled.add(bucket.log());
        }
    }

    /// Logs of buckets whose rolled segments wait to be sealed; each is named once.
    public List<PartitionLog> takeRolled() {
        if (rolled.isEmpty()) {
            return List.of();
        }
        var taken = List.copyOf(rolled);
        rolled.clear();
        return taken;
    }

    /// What makes all that was stored here survive a power loss.
    public List<FlushTask> takeFlushes() {
        var tasks = new ArrayList<FlushTask>();
        for (var bucket : buckets()) {
            addFlush(tasks, bucket.log());
            addFlush(tasks, bucket.cancelLog());
        }
        return tasks;
    }

    private static void addFlush(List<FlushTask> tasks, @Nullable PartitionLog log) {
        var task = log == null ? null : log.takeFlush();
        if (task != null) {
            tasks.add(task);
        }
    }

    /// The buckets' logs, for sealing and syncing.
    public List<PartitionLog> logs() {
        return buckets().stream().map(DeferredBucket::log).toList();
    }

    /// Messages that wait. Those of a bucket that was not read since the start count as its records, which differs only
    /// after a clock was set back.
    public long count() {
        long count = 0;
        for (var ofWidth : buckets.values()) {
            for (var bucket : ofWidth.values()) {
                count += bucket.count();
            }
        }
        return count;
    }

    // Adding

    /// Copies a message that is due at `dueMs` into an open batch; no I/O but where a bucket is opened.
    public void add(long dueMs, long timestampMs, ByteBuffer source, int position, int length) throws IOException {
        add(dueMs, timestampMs, null, RecordHeaders.NONE, source, position, length);
    }

    /// Like [#add(long, long, ByteBuffer, int, int)], with a key (null: none) and headers. Returns the message's
    /// place, for [#wasStored].
    public long add(
            long dueMs,
            long timestampMs,
            byte @Nullable [] key,
            RecordHeaders headers,
            ByteBuffer source,
            int position,
            int length)
            throws IOException {
        long atMs = Math.max(dueMs, nowMs);
        long widthMs = widthMs(atMs - nowMs);
        var bucket = bucket(Math.floorDiv(atMs, widthMs) * widthMs, widthMs);
        if (!pending.contains(bucket)) {
            pending.add(bucket);
        }
        return place(bucket, bucket.add(dueMs, timestampMs, key, headers, source, position, length));
    }

    private static long place(DeferredBucket bucket, long entry) {
        long place = bucket.startMs() / MINUTE_MS;
        place = place << PLACE_WIDTH_BITS | WIDTHS.indexOf(bucket.widthMs());
        return place << PLACE_ENTRY_BITS | entry;
    }

    /// Whether the message at a place is on disk there; not when its bucket is through and gone.
    public boolean wasStored(long place) {
        long entry = place & ((1L << PLACE_ENTRY_BITS) - 1);
        int width = (int) ((place >>> PLACE_ENTRY_BITS) & ((1 << PLACE_WIDTH_BITS) - 1));
        long startMs = (place >>> (PLACE_ENTRY_BITS + PLACE_WIDTH_BITS)) * MINUTE_MS;
        long widthMs = WIDTHS.get(width);
        var bucket = ofWidth(widthMs).get(startMs);
        return bucket != null && entry < bucket.log().endOffset();
    }

    private static long widthMs(long delayMs) {
        if (delayMs < HOURS_FROM_MS) {
            return MINUTE_MS;
        }
        return delayMs < DAYS_FROM_MS ? HOUR_MS : DAY_MS;
    }

    /// Stores what was added. When it fails, some may be stored nevertheless, if they were for different buckets.
    public void append() throws IOException {
        try {
            for (var bucket : pending) {
                bucket.append();
                rolled(bucket);
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
            var cancels = bucket.cancelLog();
            if (cancels != null) {
                cancels.sync();
            }
        }
    }

    // Looking and taking back

    /// Tells the listener of messages that wait, at most `limit`, by bucket and then as they came, from behind the
    /// given id on, or from the start. Returns where the next page goes on, or null at the end; a page may be
    /// short.
    public @Nullable String list(@Nullable String afterId, int limit, DeferredListener listener) throws IOException {
        var after = afterId == null ? new DeferredId(Long.MIN_VALUE, 0, 0) : DeferredId.parse(afterId);
        if (after == null) {
            throw new IllegalArgumentException("after: '" + afterId + "' (expected: an id of a page before)");
        }
        var ordered = buckets();
        ordered.removeIf(bucket -> isBefore(bucket, after));
        ordered.sort(ORDER);
        int left = limit;
        for (var bucket : ordered) {
            boolean same = bucket.startMs() == after.startMs() && bucket.widthMs() == after.widthMs();
            var page = bucket.list(same ? after.entry() + 1 : 0, left, log, listener);
            left -= page.count();
            if (!page.isLast() || left == 0) {
                return new DeferredId(bucket.startMs(), bucket.widthMs(), page.lastEntry()).text();
            }
        }
        return null;
    }

    private static boolean isBefore(DeferredBucket bucket, DeferredId id) {
        return bucket.startMs() < id.startMs() || (bucket.startMs() == id.startMs() && bucket.widthMs() < id.widthMs());
    }

    /// Takes a message back; false when it does not wait any more or never did.
    public boolean cancel(String id, long wallNowMs) throws IOException {
        var parsed = DeferredId.parse(id);
        if (parsed == null || !WIDTHS.contains(parsed.widthMs())) {
            return false;
        }
        var bucket = ofWidth(parsed.widthMs()).get(parsed.startMs());
        return bucket != null && bucket.cancel(parsed.entry(), wallNowMs, log);
    }

    // Firing

    /// Whether it is known of each batch that was on its way to the partition's log whether it came there. Before that
    /// nothing may be deleted from that log: of a batch below its start it could not be told any more.
    public boolean knowsFirings() {
        for (var ofWidth : buckets.values()) {
            for (var bucket : ofWidth.values()) {
                if (!bucket.knowsFirings()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// When [#fire] has something to do next: a message is due, a bucket is to be read or removed. Long.MAX_VALUE
    /// when there is none.
    public long nextDueMs() {
        long nextMs = Long.MAX_VALUE;
        for (var ofWidth : buckets.values()) {
            nextMs = Math.min(nextMs, nextDueMs(ofWidth));
        }
        return nextMs;
    }

    private long nextDueMs(SortedMap<Long, DeferredBucket> ofWidth) {
        long nextMs = Long.MAX_VALUE;
        for (var bucket : ofWidth.values()) {
            nextMs = Math.min(nextMs, nextStepMs(bucket));
        }
        return nextMs;
    }

    private long nextStepMs(DeferredBucket bucket) {
        if (!bucket.isReady()) {
            return bucket.isToBeRead(nowMs) ? nowMs : bucket.startMs() - LOAD_AHEAD_MS;
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
            if (bucket.isToBeRead(nowMs)) {
                bucket.load(log);
                loading |= bucket.isToBeRead(nowMs) && bucket.startMs() <= nowMs;
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
        if (first != null) {
            rolled(first);
        }
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
        delete(bucket);
    }

    private void delete(DeferredBucket bucket) throws IOException {
        bucket.doom();
        forget(bucket);
        bucket.delete();
    }

    /// The latest publish time of what is kept here; Long.MIN_VALUE when there is nothing.
    public long latestTimestampMs() {
        long latestMs = Long.MIN_VALUE;
        for (var bucket : buckets()) {
            latestMs = Math.max(latestMs, bucket.log().largestTimeMs());
        }
        return latestMs;
    }

    /// Drops all that waits: the topic is emptied or deleted. What has fired is made durable where it
    /// is now first.
    public void clear() throws IOException {
        discardPending();
        if (log.recoveryPoint() < log.endOffset() && buckets().stream().anyMatch(DeferredBucket::hasFired)) {
            try {
                log.sync();
            } catch (DiskFullException noRoom) {
                // The messages are durable; there was no room only for the note that they are.
            }
        }
        for (var bucket : buckets()) {
            delete(bucket);
        }
    }

    @Override
    public void close() throws IOException {
        for (var bucket : buckets()) {
            bucket.close();
        }
    }
}
