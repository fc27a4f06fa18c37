package io.waystation.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Cuts a stream into pieces at a byte. Empty pieces are left out; the last one needs no delimiter. Confined to
/// one thread, which waits for input.
final class DelimitedInput {
    /// The longest piece; a longer one is an exception. Far above what any broker accepts, it keeps a wrong
    /// delimiter from filling the memory.
    private static final int MAX_PIECE_BYTES = 256 * 1024 * 1024;

    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream input;
    private final byte delimiter;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
    private int position;
    private int limit;

    DelimitedInput(InputStream input, byte delimiter) {
        this.input = input;
        this.delimiter = delimiter;
    }

    /// The next piece; null at the end.
    byte @Nullable [] next() throws IOException {
        while (position < limit || fill()) {
            int end = position;
            while (end < limit && buffer[end] != delimiter) {
                end++;
            }
            take(end);
            boolean delimited = end < limit;
            position = delimited ? end + 1 : end;
            if (delimited && piece.size() > 0) {
                return taken();
            }
        }
        return piece.size() > 0 ? taken() : null;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(input.read(buffer), 0);
        return limit > 0;
    }

    private void take(int end) throws IOException {
        if (piece.size() + end - position > MAX_PIECE_BYTES) {
            throw new IOException("a message of more than " + MAX_PIECE_BYTES + " bytes (expected: a delimiter)");
        }
        piece.write(buffer, position, end - position);
    }

    private byte[] taken() {
        var bytes = piece.toByteArray();
        piece.reset();
        return bytes;
    }

    /// Whether the next piece may have to be waited for.
    boolean isIdle() throws IOException {
        return position == limit && input.available() == 0;
    }
}
