package io.waystation.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A message's identity, 64 bits that travel as 16 lower-case hex digits:
///
/// ```
///  63      54 53     48 47                                            0
/// +----------+---------+-----------------------------------------------+
/// |  shard   |  gener. |                    offset                     |
/// +----------+---------+-----------------------------------------------+
/// ```
///
/// The generation is the cursor's: it grows by seek, purge and re-creation of the channel, so that a late FIN cannot
/// finish a later delivery of the same offset. With generation 0 the id is the same in every channel.
public final class MessageId {
    /// Bytes on the wire.
    public static final int LENGTH = 16;

    public static final int MAX_SHARD = 1023;
    public static final int MAX_GENERATION = 63;
    public static final long MAX_OFFSET = (1L << 48) - 1;

    /// What [#parse] gives for bytes that are no id that we could have sent.
    public static final long UNKNOWN = -1;

    private static final int SHARD_SHIFT = 54;
    private static final int GENERATION_SHIFT = 48;
    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };
    /// Two hex digits, first one in the high byte, for each byte value.
    private static final short[] PAIRS = pairs();
    /// The value of a lower-case hex digit, -1 for any other byte.
    private static final byte[] VALUES = values();

    private MessageId() {}

    public static long of(int shard, int generation, long offset) {
        assert shard >= 0 && shard <= MAX_SHARD : shard;
        assert generation >= 0 && generation <= MAX_GENERATION : generation;
        assert offset >= 0 && offset <= MAX_OFFSET : offset;
        return ((long) shard << SHARD_SHIFT) | ((long) generation << GENERATION_SHIFT) | offset;
    }

    public static int shard(long id) {
        return (int) (id >>> SHARD_SHIFT);
    }

    public static int generation(long id) {
        return (int) (id >>> GENERATION_SHIFT) & MAX_GENERATION;
    }

    public static long offset(long id) {
        return id & MAX_OFFSET;
    }

    /// Writes the 16 digits at an absolute position of a big-endian buffer.
    public static void put(ByteBuffer target, int position, long id) {
        target.putLong(position, digits((int) (id >>> 32)));
        target.putLong(position + 8, digits((int) id));
    }

    /// Reads 16 digits at an absolute position; [#UNKNOWN] when they are not all lower-case hex.
    public static long parse(ByteBuffer source, int position) {
        long id = 0;
        int invalid = 0;
        for (int i = 0; i < LENGTH; i++) {
            int value = VALUES[source.get(position + i) & 0xff];
            invalid |= value;
            id = (id << 4) | (value & 0xf);
        }
        return invalid < 0 ? UNKNOWN : id;
    }

    /// The 16 bytes as they came, one character a byte, for an error about them.
    public static String text(ByteBuffer source, int position) {
        var bytes = new byte[LENGTH];
        source.get(position, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public static String toString(long id) {
        return String.format("%016x", id);
    }

    private static long digits(int half) {
        return ((PAIRS[half >>> 24] & 0xffffL) << 48)
                | ((PAIRS[(half >>> 16) & 0xff] & 0xffffL) << 32)
                | ((PAIRS[(half >>> 8) & 0xff] & 0xffffL) << 16)
                | (PAIRS[half & 0xff] & 0xffffL);
    }

    private static short[] pairs() {
        var pairs = new short[256];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = (short) ((DIGITS[i >>> 4] << 8) | DIGITS[i & 0xf]);
        }
        return pairs;
    }

    private static byte[] values() {
        var values = new byte[256];
        Arrays.fill(values, (byte) -1);
        for (byte value = 0; value < DIGITS.length; value++) {
            values[DIGITS[value]] = value;
        }
        return values;
    }
}
