package io.waystation.client;

import static io.waystation.client.SnappyFraming.CHECKSUM_LENGTH;
import static io.waystation.client.SnappyFraming.HEADER_LENGTH;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Plain bytes out of a stream in [Snappy's framing][SnappyFraming]. Holds one chunk at a time. Confined to one thread.
final class SnappyInputStream extends InputStream {
    private final InputStream input;
    private final byte[] header = new byte[HEADER_LENGTH];
    private final byte[] chunk = new byte[CHECKSUM_LENGTH + Snappy.MAX_COMPRESSED_BYTES];
    private final byte[] plain = new byte[Snappy.MAX_BLOCK_BYTES];
    private int position;
    private int limit;
    private boolean begun;

    SnappyInputStream(InputStream input) {
        this.input = input;
    }

    @Override
    public int read() throws IOException {
        return fill() ? plain[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(plain, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return limit - position;
    }

    /// Reads until there are plain bytes; false at the end of the stream.
    private boolean fill() throws IOException {
        while (position == limit) {
            int got = input.readNBytes(header, 0, HEADER_LENGTH);
            if (got == 0) {
                return false;
            }
            if (got < HEADER_LENGTH) {
                throw new EOFException("a chunk of Snappy ended after " + got + " bytes");
            }
            chunk(header[0] & 0xff, SnappyFraming.littleEndian(header, 1, 3));
        }
        return true;
    }

    private void chunk(int type, int length) throws IOException {
        if (type == SnappyFraming.STREAM) {
            begin(length);
        } else if (!begun) {
            throw new IOException("a chunk of type " + type + " (expected: Snappy's stream identifier)");
        } else if (type == SnappyFraming.COMPRESSED || type == SnappyFraming.PLAIN) {
            take(type, length);
        } else if (type >= SnappyFraming.FIRST_SKIPPED) {
            input.skipNBytes(length);
        } else {
            throw new IOException("a chunk of type " + type + " (expected: one that Snappy's framing has)");
        }
    }

    private void begin(int length) throws IOException {
        var expected = SnappyFraming.streamBegin();
        boolean fits = length == expected.length - HEADER_LENGTH
                && Arrays.equals(
                        input.readNBytes(length), Arrays.copyOfRange(expected, HEADER_LENGTH, expected.length));
        if (!fits) {
            throw new IOException("a stream identifier of " + length + " bytes (expected: sNaPpY)");
        }
        begun = true;
    }

    private void take(int type, int length) throws IOException {
        int bytes = length - CHECKSUM_LENGTH;
        int most = type == SnappyFraming.PLAIN ? Snappy.MAX_BLOCK_BYTES : Snappy.MAX_COMPRESSED_BYTES;
        if (bytes < 0 || bytes > most) {
            throw new IOException("a chunk of " + length + " bytes (expected: 4.." + (most + CHECKSUM_LENGTH) + ")");
        }
        int got = input.readNBytes(chunk, 0, length);
        if (got < length) {
            throw new EOFException("a chunk of " + length + " bytes ended after " + got);
        }
        var content = Arrays.copyOfRange(chunk, CHECKSUM_LENGTH, length);
        int count = bytes;
        if (type == SnappyFraming.COMPRESSED) {
            count = Snappy.uncompress(content, bytes, plain);
        } else {
            System.arraycopy(content, 0, plain, 0, bytes);
        }
        if (SnappyFraming.checksum(plain, 0, count) != SnappyFraming.littleEndian(chunk, 0, CHECKSUM_LENGTH)) {
            throw new IOException("a chunk with a wrong checksum");
        }
        position = 0;
        limit = count;
    }
}
