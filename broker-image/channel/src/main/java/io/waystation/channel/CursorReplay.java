package io.waystation.channel;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Reads a cursor log from its start and rebuilds what it says. What stands before a channel's first CREATED or
/// CHECKPOINT changes something that is no longer there, and is passed over: the checkpoint that made the log's start
/// dispensable follows. A checkpoint counts from its last record on.
final class CursorReplay {
    private final TreeMap<String, Image> images = new TreeMap<>();
    private final TreeMap<String, NavigableMap<Long, byte[]>> checkpointPages = new TreeMap<>();
    private final TreeMap<String, List<byte[]>> checkpointDeferrals = new TreeMap<>();
    final TreeMap<String, String> topicProperties = new TreeMap<>();
    final LinkedHashMap<String, Integer> deletedResetCounts = new LinkedHashMap<>();
    private long latestDeferralMs = Long.MIN_VALUE;

    /// A channel as the log describes it.
    private static final class Image {
        int resetCount;
        long floor;
        long next;
        TreeMap<String, String> properties = new TreeMap<>();
        NavigableMap<Long, byte[]> pages = new TreeMap<>();
        /// In the order of the log; no longer than that.
        List<byte[]> deferrals = new ArrayList<>();

        void reset(int count, long offset) {
            resetCount = count;
            floor = offset;
            next = offset;
            pages = new TreeMap<>();
            deferrals = new ArrayList<>();
        }
    }

    void run(PartitionLog log) throws IOException {
        try (LogReader reader = log.reader()) {
            while (reader.next()) {
                try {
                    apply(reader);
                } catch (IOException cause) {
                    throw new IOException(
                            "cursor record at offset " + reader.offset() + ": " + cause.getMessage(), cause);
                }
            }
        }
    }

    private void apply(LogReader reader) throws IOException {
        var source = new ByteReader(reader.buffer(), reader.position(), reader.length());
        int version = source.octet();
        int type = source.octet();
        int flags = source.octet();
        if (version != CursorRecord.VERSION || type < CursorRecord.CREATED || type > CursorRecord.LAST) {
            if ((flags & CursorRecord.SKIPPABLE) != 0) {
                return;
            }
            throw new IOException("version " + version + ", type " + type + " (expected: version "
                    + CursorRecord.VERSION + ", type up to " + CursorRecord.LAST + "; a later release wrote it)");
        }
        if (reader.keyLength() <= 0) {
            applyToTopic(type, source);
        } else {
            byte[] name = new byte[reader.keyLength()];
            reader.buffer().get(reader.keyPosition(), name);
            applyToChannel(new String(name, StandardCharsets.UTF_8), type, source);
        }
    }

    private void applyToTopic(int type, ByteReader source) throws IOException {
        switch (type) {
            case CursorRecord.PROPERTIES -> changeProperties(topicProperties, source);
            case CursorRecord.CHECKPOINT_BEGIN -> {
                checkpointPages.clear();
                checkpointDeferrals.clear();
                topicProperties.clear();
                readProperties(topicProperties, source);
                deletedResetCounts.clear();
                while (source.hasMore()) {
                    deletedResetCounts.put(source.text(), (int) source.number());
                }
            }
            default -> throw new IOException("type " + type + " without a channel");
        }
    }

    private void applyToChannel(String name, int type, ByteReader source) throws IOException {
        switch (type) {
            case CursorRecord.CREATED -> {
                var image = new Image();
                image.reset((int) source.number(), source.number());
                images.put(name, image);
                deletedResetCounts.remove(name);
            }
            case CursorRecord.DELETED -> {
                images.remove(name);
                deletedResetCounts.put(name, (int) source.number());
            }
            case CursorRecord.CHECKPOINT_PAGE -> readPages(pagesOfCheckpoint(name), source);
            case CursorRecord.CHECKPOINT_DEFERRALS ->
                deferralsOfCheckpoint(name).add(source.copyRest());
            case CursorRecord.CHECKPOINT -> {
                var image = new Image();
                readPosition(image, source);
                image.pages = pagesOfCheckpoint(name);
                image.deferrals = deferralsOfCheckpoint(name);
                readProperties(image.properties, source);
                images.put(name, image);
                checkpointPages.remove(name);
                checkpointDeferrals.remove(name);
            }
            default -> {
                var image = images.get(name);
                if (image != null) {
                    change(image, type, source);
                }
            }
        }
    }

    private NavigableMap<Long, byte[]> pagesOfCheckpoint(String name) {
        return checkpointPages.computeIfAbsent(name, _ -> new TreeMap<>());
    }

    private List<byte[]> deferralsOfCheckpoint(String name) {
        return checkpointDeferrals.computeIfAbsent(name, _ -> new ArrayList<>());
    }

    private static void change(Image image, int type, ByteReader source) throws IOException {
        switch (type) {
            case CursorRecord.PROPERTIES -> changeProperties(image.properties, source);
            case CursorRecord.RESET -> image.reset((int) source.number(), source.number());
            case CursorRecord.DELTA -> {
                readPosition(image, source);
                readPages(image.pages, source);
                image.pages.headMap(UnfinishedPage.of(image.floor)).clear();
            }
            case CursorRecord.DEFERRALS -> image.deferrals.add(source.copyRest());
            default -> throw new IOException("type " + type + " with a channel");
        }
    }

    private static void readPosition(Image image, ByteReader source) throws IOException {
        image.resetCount = (int) source.number();
        image.floor = source.number();
        image.next = source.number();
    }

    private static void readPages(Map<Long, byte[]> pages, ByteReader source) throws IOException {
        while (source.hasMore()) {
            long page = source.number();
            byte[] runs = UnfinishedPage.readRuns(source);
            if (runs == null) {
                pages.remove(page);
            } else {
                pages.put(page, runs);
            }
        }
    }

    private static void readProperties(Map<String, String> properties, ByteReader source) throws IOException {
        for (long left = source.number(); left > 0; left--) {
            properties.put(source.text(), source.text());
        }
    }

    private static void changeProperties(Map<String, String> properties, ByteReader source) throws IOException {
        while (source.hasMore()) {
            String key = source.text();
            if (source.octet() == 0) {
                properties.remove(key);
            } else {
                properties.put(key, source.text());
            }
        }
    }

    Iterable<String> channels() {
        return images.keySet();
    }

    Map<String, String> properties(String channel) {
        return image(channel).properties;
    }

    /// Whether the channel is ahead of the partition's log: a power loss took messages that it had delivered.
    boolean isAheadOf(String channel, long endOffset) {
        return image(channel).next > endOffset;
    }

    /// The channel's cursor within what the partition's log holds. Behind a lost end other messages come to bear the
    /// offsets that were delivered before, so ids from then are stale: a new generation.
    Cursor cursor(String channel, long startOffset, long endOffset, Moment now) throws IOException {
        Image image = image(channel);
        boolean ahead = image.next > endOffset;
        int resetCount = ahead ? image.resetCount + 1 : image.resetCount;
        long next = Math.max(startOffset, Math.min(image.next, endOffset));
        long floor = Math.max(startOffset, image.floor);
        var cursor = new Cursor(resetCount, next);
        for (Map.Entry<Long, byte[]> page : image.pages.entrySet()) {
            UnfinishedPage.forEach(page.getKey(), page.getValue(), (offset, attempts) -> {
                if (offset >= floor && offset < next) {
                    cursor.restore(offset, attempts);
                }
            });
        }
        for (byte[] deferrals : image.deferrals) {
            latestDeferralMs = Math.max(latestDeferralMs, Deferrals.writtenMs(deferrals));
            Deferrals.forEach(
                    deferrals,
                    now,
                    (offset, attempts, leftMs) -> cursor.restoreDeferral(offset, attempts, now.nowMs(), leftMs));
        }
        if (cursor.deferredCount() > 0) {
            cursor.queueInOrder();
        }
        return cursor;
    }

    /// The latest wall time at which delays of the channels whose cursors were asked for were written.
    long latestDeferralMs() {
        return latestDeferralMs;
    }

    private Image image(String channel) {
        Image image = images.get(channel);
        if (image == null) {
            throw new IllegalStateException("no channel " + channel);
        }
        return image;
    }
}
