package io.waystation.channel;

import io.waystation.log.LogReader;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The layout of a record in a bucket of deferred messages. Its key:
///
/// ```
///  0         1      2       3              11
/// +---------+------+-------+--------------+
/// | version | type | flags | due time     |   the due time, in milliseconds of wall time; not with FIRING
/// +---------+------+-------+--------------+
/// ```
///
/// Whoever meets a version or type that it does not know passes over the record when it is marked SKIPPABLE, and else
/// refuses the bucket.
///
/// ENTRY is a message: its value and headers are the message's, its timestamp that of the publish. KEYED_ENTRY is one
/// whose key follows the due time. FIRING says that messages are
/// about to be appended to the partition's log; see [DeferredBucket]. Its value, in numbers of [ByteWriter]: the offset
/// they will have there, the producer epoch and base sequence of their batch, how many firings before this one did not
/// happen, then runs of entries: distance from the end of the run before, length.
final class DeferredRecord {
    static final int VERSION = 1;
    static final int SKIPPABLE = 1;
    static final int ENTRY = 1;
    static final int FIRING = 2;
    static final int KEYED_ENTRY = 3;

    /// What [#type] says of a record that is to be passed over.
    static final int UNKNOWN = 0;

    static final int KEY_LENGTH = 3;
    static final int ENTRY_KEY_LENGTH = 11;

    private static final int TYPE_AT = 1;
    private static final int FLAGS_AT = 2;
    private static final int DUE_AT = 3;

    private DeferredRecord() {}

    static ByteBuffer entryKey() {
        return ByteBuffer.allocate(ENTRY_KEY_LENGTH).put(0, (byte) VERSION).put(TYPE_AT, (byte) ENTRY);
    }

    static ByteBuffer keyedEntryKey(byte[] key) {
        return ByteBuffer.allocate(ENTRY_KEY_LENGTH + key.length)
                .put(0, (byte) VERSION)
                .put(TYPE_AT, (byte) KEYED_ENTRY)
                .put(ENTRY_KEY_LENGTH, key);
    }

    static ByteBuffer firingKey() {
        return ByteBuffer.allocate(KEY_LENGTH).put(0, (byte) VERSION).put(TYPE_AT, (byte) FIRING);
    }

    static void dueMs(ByteBuffer key, long dueMs) {
        key.putLong(DUE_AT, dueMs);
    }

    static int type(LogReader reader) throws IOException {
        if (reader.keyLength() < KEY_LENGTH) {
            throw new IOException("deferred record at offset " + reader.offset() + ": a key of " + reader.keyLength()
                    + " bytes (expected: at least " + KEY_LENGTH + ")");
        }
        var key = reader.buffer();
        int at = reader.keyPosition();
        int version = key.get(at);
        int type = key.get(at + TYPE_AT);
        if (version == VERSION && isKnown(type, reader.keyLength())) {
            return type;
        }
        if ((key.get(at + FLAGS_AT) & SKIPPABLE) != 0) {
            return UNKNOWN;
        }
        throw new IOException("deferred record at offset " + reader.offset() + ": version " + version + ", type " + type
                + " (expected: version " + VERSION + ", type up to " + KEYED_ENTRY + "; a later release wrote it)");
    }

    private static boolean isKnown(int type, int keyLength) {
        return switch (type) {
            case FIRING -> true;
            case ENTRY -> keyLength == ENTRY_KEY_LENGTH;
            case KEYED_ENTRY -> keyLength > ENTRY_KEY_LENGTH;
            default -> false;
        };
    }

    /// The length of the message's own key, which stands behind [#ENTRY_KEY_LENGTH] bytes; -1 when it has none.
    static int messageKeyLength(LogReader reader) {
        return reader.keyLength() == ENTRY_KEY_LENGTH ? -1 : reader.keyLength() - ENTRY_KEY_LENGTH;
    }

    static long dueMs(LogReader reader) {
        return reader.buffer().getLong(reader.keyPosition() + DUE_AT);
    }
}
