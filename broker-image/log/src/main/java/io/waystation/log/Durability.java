package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How far a log is durable, and what is to be done so that more of it is. Confined to the log's loop; the tasks that
/// it hands out run elsewhere.
///
/// Three things on the disk say it, each perhaps less than is true, none ever more:
///
/// - the [RecoveryPoint], synced when a segment is sealed and when the log is synced or closed;
/// - the footers of a sealed segment's indexes, written after the segment was synced and before the recovery point;
/// - the [FlushMark], written after each flush and not synced.
final class Durability {
    private final FileStore files;
    private final Path directory;
    private final NavigableMap<Long, Segment> segments;
    private final List<SealTask> seals = new ArrayList<>();

    private @Nullable RecoveryPoint recoveryPoint;
    private long flushedEnd;
    /// Segments found or made since the log was opened, and of how many of them flushes have made the names durable.
    private int segmentsMade;

    private int segmentsNamed;

    /// `segments` are the log's own, and `flushedEnd` is what the disk says of them.
    Durability(
            FileStore files,
            Path directory,
            NavigableMap<Long, Segment> segments,
            @Nullable LogMeta meta,
            long flushedEnd) {
        this.files = files;
        this.directory = directory;
        this.segments = segments;
        this.recoveryPoint = meta == null ? null : new RecoveryPoint(files, directory, meta);
        this.flushedEnd = flushedEnd;
        this.segmentsMade = segments.size();
    }

    /// Whether the log has a directory.
    boolean isMade() {
        return recoveryPoint != null;
    }

    void made(LogMeta meta) {
        recoveryPoint = new RecoveryPoint(files, directory, meta);
    }

    private RecoveryPoint known() {
        return Objects.requireNonNull(recoveryPoint);
    }

    UUID id() {
        return known().id();
    }

    /// 0 for a log that has no directory.
    long recoveryPoint() {
        var known = recoveryPoint;
        return known == null ? 0 : known.offset();
    }

    long flushedEnd() {
        return flushedEnd;
    }

    // ---- sealing

    /// Has the rolled segments sealed that the last process did not seal to the end.
    void sealRecovered(@Nullable Segment active) throws IOException {
        for (var segment : segments.values()) {
            if (segment != active && !segment.sealed) {
                seal(segment);
            }
        }
    }

    void seal(Segment rolled) throws IOException {
        seals.add(new SealTask(files, rolled, known()));
    }

    List<SealTask> takeSeals() {
        if (seals.isEmpty()) {
            return List.of();
        }
        var taken = List.copyOf(seals);
        seals.clear();
        return taken;
    }

    boolean hasSeals() {
        return !seals.isEmpty();
    }

    void sealed(SealTask task) {
        task.segment().sealed = true;
        flushedEnd = Math.max(flushedEnd, task.segment().endOffset);
    }

    // ---- flushing

    void segmentMade() {
        segmentsMade++;
    }

    /// A log that was ever flushed is flushed whole before anybody goes on with it: a power loss may have taken a mark
    /// that was further, and then the next damage to what that vouched for would pass for a torn end.
    void flushRecovered(PartitionLog log) throws IOException {
        var task = FlushMark.exists(files, directory) ? takeFlush(log) : null;
        if (task == null) {
            return;
        }
        try {
            task.run();
            task.completed();
        } catch (DiskFullException noRoom) {
            // Then the mark was never reserved, so no flush was ever answered.
        }
    }

    @Nullable FlushTask takeFlush(PartitionLog log) {
        if (flushedEnd == log.endOffset()) {
            return null;
        }
        var unsynced = new ArrayList<UnsyncedSegment>();
        for (var segment : segments.descendingMap().values()) {
            if (segment.sealed || segment.endOffset <= flushedEnd) {
                break;
            }
            unsynced.addFirst(segment.unsynced());
        }
        return new FlushTask(
                log, files, directory, id(), unsynced, segmentsNamed < segmentsMade, segmentsMade, log.endOffset());
    }

    void flushed(FlushTask task) {
        flushedEnd = Math.max(flushedEnd, task.endOffset());
        segmentsNamed = Math.max(segmentsNamed, task.segmentsMade());
        for (var segment : segments.descendingMap().values()) {
            if (segment.sealed) {
                break;
            }
            segment.synced();
        }
    }

    // ---- both at once, waiting for the disk

    void syncSegments() throws IOException {
        for (var segment : segments.values()) {
            // Not only the active one: seals that were taken may not have run yet, and come before the others.
            if (!segment.sealed) {
                segment.unsynced().writeAnew(segment.file());
                segment.file().sync();
                segment.synced();
            }
        }
    }

    /// To be called once the segments are synced up to the offset. Only small files are written here, beside the
    /// segments, and again by the next call if that fails.
    void synced(long endOffset) throws IOException {
        files.syncDirectory(directory);
        while (!seals.isEmpty()) {
            seals.getFirst().run();
            sealed(seals.removeFirst());
        }
        known().raise(endOffset, () -> {});
        flushedEnd = endOffset;
    }

    void close() {
        var known = recoveryPoint;
        if (known != null) {
            known.close();
        }
    }
}
