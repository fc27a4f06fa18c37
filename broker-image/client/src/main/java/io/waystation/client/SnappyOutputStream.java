package io.waystation.client;

import static io.waystation.client.SnappyFraming.CHECKSUM_LENGTH;
import static io.waystation.client.SnappyFraming.HEADER_LENGTH;

import java.io.IOException;
import java.io.OutputStream;

/// Writes plain bytes in [Snappy's framing][SnappyFraming]: each write is at least one chunk and leaves at once, so
/// there is nothing to flush. Confined to one thread at a time.
final class SnappyOutputStream extends OutputStream {
    private static final int BLOCK_AT = HEADER_LENGTH + CHECKSUM_LENGTH;
    /// A block is compressed when that saves this part of it.
    private static final int LEAST_SAVED = 8;

    private final OutputStream output;
    private final Snappy snappy = new Snappy();
    private final byte[] chunk = new byte[BLOCK_AT + Snappy.MAX_COMPRESSED_BYTES];
    private boolean begun;

    SnappyOutputStream(OutputStream output) {
        this.output = output;
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        if (!begun) {
            begun = true;
            output.write(SnappyFraming.streamBegin());
        }
        int end = offset + length;
        for (int at = offset; at < end; at += Snappy.MAX_BLOCK_BYTES) {
            block(source, at, Math.min(end - at, Snappy.MAX_BLOCK_BYTES));
        }
    }

    private void block(byte[] source, int offset, int length) throws IOException {
        int end = snappy.compress(source, offset, length, chunk, BLOCK_AT);
        int type = SnappyFraming.COMPRESSED;
        if (end - BLOCK_AT > length - length / LEAST_SAVED) {
            type = SnappyFraming.PLAIN;
            System.arraycopy(source, offset, chunk, BLOCK_AT, length);
            end = BLOCK_AT + length;
        }
        chunk[0] = (byte) type;
        SnappyFraming.putLittleEndian(chunk, 1, 3, end - HEADER_LENGTH);
        SnappyFraming.putLittleEndian(
                chunk, HEADER_LENGTH, CHECKSUM_LENGTH, SnappyFraming.checksum(source, offset, length));
        output.write(chunk, 0, end);
    }

    @Override
    public void flush() throws IOException {
        output.flush();
    }
}
