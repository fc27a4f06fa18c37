package io.waystation.broker.http;

import io.waystation.daemon.HttpRequest;
import io.waystation.log.LogSnapshot;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which page of messages is wanted.
///
/// @param limit messages at most
/// @param bytes of bodies at most
/// @param base64 whether bodies that are text come in base64 too
record PeekQuery(From from, int limit, int bytes, boolean base64) {
    static final int MAX_MESSAGES = 1000;
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final int MESSAGES = 100;
    private static final int BYTES = 1024 * 1024;
    private static final Pattern OFFSET = Pattern.compile("[0-9]{1,18}");
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}ms");

    static PeekQuery of(HttpRequest request) throws RefusedException {
        var encoding = request.query("encoding");
        if (encoding != null && !encoding.equals("auto") && !encoding.equals("base64")) {
            throw new RefusedException(
                    400, "INVALID_ENCODING", "encoding: '" + encoding + "' (expected: auto or base64)");
        }
        return new PeekQuery(
                From.parse(request.query("from")),
                number(request, "limit", MESSAGES, MAX_MESSAGES),
                number(request, "bytes", BYTES, MAX_BYTES),
                "base64".equals(encoding));
    }

    private static int number(HttpRequest request, String name, int absent, int most) throws RefusedException {
        var text = request.query(name);
        if (text == null) {
            return absent;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // refused below, as numbers out of range are
        }
        throw new RefusedException(400, "INVALID_LIMIT", name + ": '" + text + "' (expected: 1.." + most + ")");
    }

    /// Where the page begins.
    sealed interface From {
        record Offset(long value) implements From {}

        record Time(long epochMs) implements From {}

        record Earliest() implements From {}

        /// So many before the end that they make one page.
        record Latest() implements From {}

        static From parse(@Nullable String text) throws RefusedException {
            if (text == null || text.equals("earliest")) {
                return new Earliest();
            }
            if (text.equals("latest")) {
                return new Latest();
            }
            if (OFFSET.matcher(text).matches()) {
                return new Offset(Long.parseLong(text));
            }
            if (MILLIS.matcher(text).matches()) {
                return new Time(Long.parseLong(text.substring(0, text.length() - "ms".length())));
            }
            try {
                return new Time(OffsetDateTime.parse(text).toInstant().toEpochMilli());
            } catch (DateTimeException | ArithmeticException notATime) {
                throw new RefusedException(
                        400,
                        "INVALID_FROM",
                        "from: '" + text + "' (expected: an offset, earliest, latest, a time such as"
                                + " 2026-01-31T12:00:00Z, or milliseconds since 1970 such as 1769860800000ms)");
            }
        }

        /// The offset of a log that holds `[startOffset, endOffset)`.
        default long offset(LogSnapshot log, long startOffset, long endOffset, int limit) throws IOException {
            long wanted = switch (this) {
                case Offset offset -> offset.value;
                case Time time -> log.offsetAtOrAfter(time.epochMs);
                case Earliest _ -> startOffset;
                case Latest _ -> endOffset - limit;
            };
            return Math.clamp(wanted, startOffset, endOffset);
        }
    }
}
