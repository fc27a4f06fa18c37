package io.waystation.wire;

import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a publish says of its message besides the body: the third word of `XPUB <topic> <attributes>`, in the form of a
/// URL's query (`key=order-17&defer=5000`, bytes outside of `[A-Za-z0-9._~-]` as `%XX`). Immutable.
///
/// Each attribute may be given once; one that is not known is refused, so that a typing error never passes as a plain
/// publish. The answer to IDENTIFY names those that are known ([#NAMES]).
public final class PublishAttributes {
    /// Bytes of a key.
    public static final int MAX_KEY_LENGTH = 1024;

    public static final List<String> NAMES = List.of("key", "defer", "dedup");

    /// Of a publish that says nothing but its body.
    public static final PublishAttributes NONE = new PublishAttributes(null, 0, null);

    private final byte @Nullable [] key;
    private final long deferMs;
    private final byte @Nullable [] dedup;

    private PublishAttributes(byte @Nullable [] key, long deferMs, byte @Nullable [] dedup) {
        this.key = key;
        this.deferMs = deferMs;
        this.dedup = dedup;
    }

    /// Of a message that nobody gets before the delay has passed.
    public static PublishAttributes deferred(long deferMs) {
        return NONE.withDefer(deferMs);
    }

    public PublishAttributes withDefer(long newDeferMs) {
        return new PublishAttributes(key, newDeferMs, dedup);
    }

    /// With a key of 1 to [#MAX_KEY_LENGTH] bytes, which now belongs to this object.
    public PublishAttributes withKey(byte[] newKey) {
        if (!isKey(newKey)) {
            throw new IllegalArgumentException(
                    "key: " + newKey.length + " bytes (expected: 1.." + MAX_KEY_LENGTH + ")");
        }
        return new PublishAttributes(newKey, deferMs, dedup);
    }

    /// With a key for de-duplication, bounded likewise, which now belongs to this object.
    public PublishAttributes withDedup(byte[] newDedup) {
        if (!isKey(newDedup)) {
            throw new IllegalArgumentException(
                    "dedup: " + newDedup.length + " bytes (expected: 1.." + MAX_KEY_LENGTH + ")");
        }
        return new PublishAttributes(key, deferMs, newDedup);
    }

    public static boolean isKey(byte[] bytes) {
        return bytes.length > 0 && bytes.length <= MAX_KEY_LENGTH;
    }

    /// Messages of one key are delivered in order by a channel that keeps it; null: none. Not to be changed.
    public byte @Nullable [] key() {
        return key;
    }

    /// A second message of the same within the topic's window is answered and not stored; null: none. Not to be
    /// changed.
    public byte @Nullable [] dedup() {
        return dedup;
    }

    public long deferMs() {
        return deferMs;
    }

    /// Reads the word of an XPUB, one character a byte.
    static PublishAttributes parse(String word, long maxDeferMs) throws ProtocolException {
        var attributes = NONE;
        var seen = new HashSet<String>();
        int at = 0;
        while (at <= word.length()) {
            int end = word.indexOf('&', at);
            end = end < 0 ? word.length() : end;
            int equals = word.indexOf('=', at);
            equals = equals < 0 || equals > end ? end : equals;
            var name = word.substring(at, equals);
            if (!seen.add(name)) {
                throw invalid("attribute " + GoQuote.quote(name) + " is there twice (expected: once)");
            }
            attributes = attributes.read(name, word.substring(Math.min(equals + 1, end), end), maxDeferMs);
            at = end + 1;
        }
        return attributes;
    }

    private PublishAttributes read(String name, String value, long maxDeferMs) throws ProtocolException {
        return switch (name) {
            case "key" -> withKey(readKey(name, value));
            case "dedup" -> withDedup(readKey(name, value));
            case "defer" -> readDefer(value, maxDeferMs);
            default ->
                throw invalid("attribute " + GoQuote.quote(name) + " is not known (expected: "
                        + String.join(", ", NAMES) + ")");
        };
    }

    private static byte[] readKey(String name, String value) throws ProtocolException {
        var bytes = decode(value);
        if (!isKey(bytes)) {
            throw invalid(name + " of " + bytes.length + " bytes (expected: 1.." + MAX_KEY_LENGTH + ")");
        }
        return bytes;
    }

    private PublishAttributes readDefer(String value, long maxDeferMs) throws ProtocolException {
        long delayMs;
        try {
            delayMs = Long.parseUnsignedLong(value);
        } catch (NumberFormatException notANumber) {
            throw invalid("defer " + GoQuote.quote(value) + " (expected: milliseconds)");
        }
        if (delayMs < 0 || delayMs > maxDeferMs) {
            throw invalid("defer " + Long.toUnsignedString(delayMs) + " out of range 0-" + maxDeferMs);
        }
        return withDefer(delayMs);
    }

    private static byte[] decode(String value) throws ProtocolException {
        var bytes = new ByteArrayOutputStream(value.length());
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            switch (next) {
                case '+' -> bytes.write(' ');
                case '%' -> {
                    bytes.write(escaped(value, i));
                    i += 2;
                }
                default -> bytes.write(next);
            }
        }
        return bytes.toByteArray();
    }

    private static int escaped(String value, int percentAt) throws ProtocolException {
        if (percentAt + 2 < value.length()) {
            int high = Character.digit(value.charAt(percentAt + 1), 16);
            int low = Character.digit(value.charAt(percentAt + 2), 16);
            if (high >= 0 && low >= 0) {
                return 16 * high + low;
            }
        }
        throw invalid("attributes: '%' at " + GoQuote.quote(value.substring(percentAt)) + " (expected: %XX)");
    }

    private static ProtocolException invalid(String text) {
        return ProtocolException.quoting(ProtocolError.E_INVALID, "XPUB " + text);
    }
}
