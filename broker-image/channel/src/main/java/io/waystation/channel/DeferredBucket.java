package io.waystation.channel;

import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The deferred messages that come due within a stretch of time: a log of its own, in a directory named
/// `<start>-<width>`. Confined to the loop of its topic.
///
/// ```
/// COLD     on disk only
/// LOADING  being read, so many records at a time: due times and entry numbers, not the messages
/// READY    the entries that are due first wait in a heap, 8 bytes each
/// ```
///
/// **Each message is appended to the partition's log once, whatever happens in between.** A FIRING record names the
/// entries and the offset, producer epoch and sequence that their batch is going to have, and is stored before the
/// batch is written. When the bucket is read again, the batch is at that place with these marks, or it never
/// happened; since a log only loses its end, those that did not happen are the last ones. The bucket is removed
/// when all of it is in the log and the log is durable. A bucket that has begun to fire is read at the next start,
/// whatever the clock says then: later, retention might have removed the place that tells whether a batch happened.
final class DeferredBucket {
    static final String DELETED_SUFFIX = ".deleted";

    /// An empty file in the directory of a bucket that has begun to fire.
    private static final String FIRED_FILE = "fired";

    /// Entries of a bucket that wait in memory; when they have fired, the bucket is read again.
    static final int MAX_WAITING = 1024 * 1024;

    /// A call of [#fire] appends at most so many messages, and about so many bytes.
    static final int MAX_FIRE_COUNT = 1_000;

    static final int MAX_FIRE_BYTES = 1024 * 1024;

    /// A call of [#load] reads at most so many records.
    private static final int LOAD_RECORDS = 20_000;

    /// Batches of deferred messages bear producer ids from here on; clients are given lower ones.
    private static final long FIRST_PRODUCER_ID = 1L << 62;

    private enum State {
        COLD,
        LOADING,
        READY
    }

    private final FileStore files;
    private final Path directory;
    private final PartitionLog log;
    private final long startMs;
    private final long widthMs;
    private final DueOrder order;
    private final ByteBuffer entryKey = DeferredRecord.entryKey();
    private final ByteBuffer firingKey = DeferredRecord.firingKey();
    /// Entries that have fired or were taken back.
    private final BitSet gone = new BitSet();

    private final DeferredCancels cancels;
    private final int maxWaiting;

    private State state;
    private boolean hasFired;
    private LongHeap waiting = new LongHeap();

    /// Entries from here on are on disk only.
    private long horizon = Long.MAX_VALUE;

    /// Due times of what was added and not yet appended.
    private long[] pendingMs = new long[4];

    private int pendingCount;
    private long count;

    /// While LOADING.
    private @Nullable BucketReading reading;

    private @Nullable LogReader reader;
    private long readerNext;

    private short epoch;
    private int sequence;
    private int undone;
    private long firedEndOffset;

    /// `soon` says that the bucket is needed at once; another one keeps its messages on disk only, however many come.
    DeferredBucket(
            FileStore files,
            Path parent,
            LogSettings settings,
            long startMs,
            long widthMs,
            int maxWaiting,
            boolean soon)
            throws IOException {
        this.files = files;
        this.startMs = startMs;
        this.widthMs = widthMs;
        this.maxWaiting = maxWaiting;
        var digits = Long.toString(startMs);
        this.directory = parent.resolve("0".repeat(20 - digits.length()) + digits + "-" + widthMs);
        this.order = new DueOrder(directory, startMs, widthMs);
        this.log = PartitionLog.open(files, directory, settings);
        this.cancels = new DeferredCancels(files, directory, settings);
        cancels.read(gone, log.endOffset(), startMs);
        this.hasFired = files.exists(directory.resolve(FIRED_FILE));
        this.count = log.endOffset() - gone.cardinality();
        this.state = soon && log.endOffset() == 0 ? State.READY : State.COLD;
    }

    PartitionLog log() {
        return log;
    }

    long startMs() {
        return startMs;
    }

    long widthMs() {
        return widthMs;
    }

    long endMs() {
        return startMs + widthMs;
    }

    /// Messages that wait; until the bucket was read, its records.
    long count() {
        return count;
    }

    /// Whether the bucket has to be read now.
    boolean isToBeRead(long nowMs) {
        return state != State.READY && (hasFired || startMs - DeferredStore.LOAD_AHEAD_MS <= nowMs);
    }

    boolean isReady() {
        return state == State.READY;
    }

    /// Whether it is known of each batch on its way to the partition's log whether it came there.
    boolean knowsFirings() {
        return !hasFired || state == State.READY || (reading != null && !reading.hasFirings());
    }

    /// When the first message is due; Long.MAX_VALUE when none waits in memory.
    long nextDueMs() {
        return waiting.isEmpty() ? Long.MAX_VALUE : order.dueMs(waiting.peek());
    }

    // Adding

    /// Returns the entry that the message will be.
    long add(
            long dueMs,
            long timestampMs,
            byte @Nullable [] messageKey,
            RecordHeaders headers,
            ByteBuffer source,
            int position,
            int length) {
        var key = messageKey == null ? entryKey : DeferredRecord.keyedEntryKey(messageKey);
        DeferredRecord.dueMs(key, dueMs);
        log.add(timestampMs, key, 0, key.capacity(), source, position, length, headers);
        if (pendingCount == pendingMs.length) {
            pendingMs = Arrays.copyOf(pendingMs, 2 * pendingCount);
        }
        pendingMs[pendingCount++] = dueMs;
        return log.endOffset() + log.pendingCount() - 1;
    }

    void discardPending() {
        log.discardPending();
        pendingCount = 0;
    }

    void append() throws IOException {
        long entry = log.endOffset();
        int added = pendingCount;
        pendingCount = 0;
        log.append();
        count += added;
        if (state == State.READY) {
            for (int i = 0; i < added; i++) {
                offer(order.packed(pendingMs[i], entry + i));
            }
        }
    }

    private void offer(long packed) {
        if (packed < horizon) {
            waiting.add(packed);
        }
    }

    // Taking back

    /// What [#list] went through.
    record Page(int count, long lastEntry, boolean isLast) {}

    /// Tells the listener of entries from a place on, at most `limit`. Reads a bounded number of records, so that a
    /// page may have less.
    Page list(long from, int limit, PartitionLog main, DeferredListener listener) throws IOException {
        learnFired(main);
        int count = 0;
        long last = from - 1;
        try (LogReader source = log.reader()) {
            source.seek(from);
            for (int i = 0; i < LOAD_RECORDS && count < limit; i++) {
                if (!source.next()) {
                    return new Page(count, Math.max(last, log.endOffset()), true);
                }
                last = source.offset();
                if (isEntry(source) && !gone.get((int) last)) {
                    count++;
                    tell(source, listener);
                }
            }
        }
        return new Page(count, last, false);
    }

    /// Reads on until it is known what has fired.
    private void learnFired(PartitionLog main) throws IOException {
        while (state == State.LOADING || (state == State.COLD && hasFired)) {
            load(main);
        }
    }

    private void tell(LogReader source, DeferredListener listener) {
        listener.onDeferred(
                new DeferredId(startMs, widthMs, source.offset()).text(),
                DeferredRecord.dueMs(source),
                source.timestampMs(),
                source.buffer(),
                source.position(),
                source.length());
    }

    private static boolean isEntry(LogReader source) throws IOException {
        int type = DeferredRecord.type(source);
        return type != DeferredRecord.FIRING && type != DeferredRecord.UNKNOWN;
    }

    /// Takes a message back; false when it has fired, was taken back before, or never was.
    boolean cancel(long entry, long nowMs, PartitionLog main) throws IOException {
        learnFired(main);
        if (entry < 0 || entry >= log.endOffset() || gone.get((int) entry)) {
            return false;
        }
        try (LogReader source = log.reader()) {
            source.seek(entry);
            if (!source.next() || source.offset() != entry || !isEntry(source)) {
                return false;
            }
        }
        cancels.add(entry, nowMs);
        gone.set((int) entry);
        count--;
        return true;
    }

    @Nullable PartitionLog cancelLog() {
        return cancels.openLog();
    }

    // Loading

    /// Reads on; the bucket is READY when all is read.
    void load(PartitionLog main) throws IOException {
        var pass = reading;
        if (pass == null) {
            pass = startPass(true);
        }
        if (pass.read(reader(), LOAD_RECORDS)) {
            passed(pass, main);
        }
    }

    private BucketReading startPass(boolean withFirings) throws IOException {
        var pass = new BucketReading(order, gone, maxWaiting, withFirings);
        reading = pass;
        state = State.LOADING;
        reader().seek(0);
        return pass;
    }

    private LogReader reader() {
        var open = reader;
        if (open == null) {
            open = log.reader();
            reader = open;
        }
        readerNext = -1;
        return open;
    }

    private void passed(BucketReading pass, PartitionLog main) throws IOException {
        if (pass.hasFirings()) {
            learnFirings(pass.firings(), main);
            if (pass.horizon() != Long.MAX_VALUE && !gone.isEmpty()) {
                // Entries that have fired took the place of others.
                startPass(false);
                return;
            }
        }
        waiting = pass.waiting();
        horizon = pass.horizon();
        count = pass.entryCount() - gone.cardinality();
        reading = null;
        state = State.READY;
    }

    private void learnFirings(List<Firing> firings, PartitionLog main) throws IOException {
        int highestEpoch = -1;
        for (var firing : firings) {
            highestEpoch = Math.max(highestEpoch, firing.epoch);
        }
        undone = 0;
        while (!firings.isEmpty() && !firings.getLast().happened(main, producerId())) {
            firings.removeLast();
            undone++;
        }
        for (var firing : firings) {
            firing.mark(gone);
            firedEndOffset = Math.max(firedEndOffset, firing.endOffset());
        }
        startEpoch(highestEpoch + 1);
    }

    /// A batch that may or may not be in the log must not share its marks with another.
    private void startEpoch(int next) {
        epoch = (short) (next & Short.MAX_VALUE);
        sequence = 0;
    }

    /// Whether a batch in the partition's log bears this id because it came from a bucket.
    static boolean isProducer(long id) {
        return id >= FIRST_PRODUCER_ID;
    }

    private long producerId() {
        // Starts are multiples of a minute, so the width's place among the others fits in between.
        return FIRST_PRODUCER_ID + startMs + DeferredStore.WIDTHS.indexOf(widthMs);
    }

    // Firing

    /// Appends the messages that are due to the partition's log, which must have no open batch, in the order of their
    /// due times; returns how many.
    int fire(PartitionLog main, long untilMs) throws IOException {
        long[] taken = new long[Math.min(MAX_FIRE_COUNT, waiting.size())];
        int takenCount = 0;
        boolean stored = false;
        try {
            while (takenCount < taken.length && nextDueMs() <= untilMs && main.pendingBytes() < MAX_FIRE_BYTES) {
                long next = waiting.poll();
                int entry = DueOrder.entry(next);
                if (!gone.get(entry)) {
                    taken[takenCount++] = next;
                    copy(entry, main);
                }
            }
            if (takenCount > 0) {
                store(main, taken, takenCount);
            }
            stored = true;
        } finally {
            if (!stored) {
                main.discardPending();
                for (int i = 0; i < takenCount; i++) {
                    waiting.add(taken[i]);
                }
            }
        }
        if (waiting.isEmpty() && horizon != Long.MAX_VALUE) {
            startPass(false);
        }
        return takenCount;
    }

    private void copy(int entry, PartitionLog main) throws IOException {
        var source = reader;
        if (source == null || entry != readerNext) {
            source = reader();
            source.seek(entry);
        }
        if (!source.next() || source.offset() != entry) {
            throw new IOException(directory + ": entry " + entry + " is gone");
        }
        readerNext = entry + 1L;
        var headers = source.headers().with(DeferredStore.DUE_HEADER, Long.toString(DeferredRecord.dueMs(source)));
        main.add(
                source.timestampMs(),
                source.buffer(),
                source.keyPosition() + DeferredRecord.ENTRY_KEY_LENGTH,
                DeferredRecord.messageKeyLength(source),
                source.buffer(),
                source.position(),
                source.length(),
                headers);
    }

    private void store(PartitionLog main, long[] taken, int takenCount) throws IOException {
        int[] entries = new int[takenCount];
        for (int i = 0; i < takenCount; i++) {
            entries[i] = DueOrder.entry(taken[i]);
        }
        Arrays.sort(entries);
        markFired();
        var firing = new Firing(main.endOffset(), epoch, sequence, entries);
        var value = new ByteWriter();
        firing.write(value, undone);
        log.add(0, firingKey, 0, DeferredRecord.KEY_LENGTH, value.buffer(), 0, value.length());
        log.append();
        undone = 1;
        int first = sequence;
        sequence += takenCount;
        main.append(producerId(), epoch, first);
        undone = 0;
        firing.mark(gone);
        firedEndOffset = main.endOffset();
        count -= takenCount;
    }

    private void markFired() throws IOException {
        if (hasFired) {
            return;
        }
        try {
            files.open(directory.resolve(FIRED_FILE)).close();
            files.syncDirectory(directory);
        } catch (IOException failure) {
            throw DiskFullException.named(failure);
        }
        hasFired = true;
    }

    // The end

    /// Whether all of it is in the partition's log.
    boolean isDone() {
        return state == State.READY && waiting.isEmpty() && horizon == Long.MAX_VALUE && pendingCount == 0;
    }

    /// Whether some of the messages went to the partition's log.
    boolean hasFired() {
        return hasFired;
    }

    /// What must be durable in the partition's log before the bucket may go.
    long firedEndOffset() {
        return firedEndOffset;
    }

    void releaseTail() throws IOException {
        var open = reader;
        if (open != null) {
            open.release();
        }
        log.releaseTail();
    }

    void close() throws IOException {
        var open = reader;
        if (open != null) {
            open.close();
        }
        cancels.close();
        log.close();
    }

    /// Says by its name that the bucket is through, as a whole: a crash leaves all of it or nothing. On a full disk it
    /// stays as it is.
    void doom() throws IOException {
        if (files.exists(directory)) {
            try {
                files.rename(directory, doomed());
            } catch (IOException failure) {
                throw DiskFullException.named(failure);
            }
        }
    }

    private Path doomed() {
        return directory.resolveSibling(directory.getFileName() + DELETED_SUFFIX);
    }

    /// Removes what [#doom] has named; what a failure leaves is removed at the next start.
    void delete() throws IOException {
        close();
        var parent = directory.getParent();
        if (!files.exists(doomed()) || parent == null) {
            return;
        }
        try {
            files.syncDirectory(parent);
            deleteDirectory(files, doomed());
        } catch (IOException failure) {
            throw DiskFullException.named(failure);
        }
    }

    static void deleteDirectory(FileStore files, Path directory) throws IOException {
        for (String name : files.list(directory)) {
            var path = directory.resolve(name);
            if (name.equals(DeferredCancels.DIRECTORY)) {
                deleteDirectory(files, path);
            } else {
                files.delete(path);
            }
        }
        files.delete(directory);
    }
}
