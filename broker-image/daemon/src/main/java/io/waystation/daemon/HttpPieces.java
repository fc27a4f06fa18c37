package io.waystation.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// A body on its way to a client, in pieces: the next is made while the client takes the last, so a body of any size
/// costs two of them. One that is a single piece is not sent at all, but given to whoever asks for it. Confined to the
/// thread that writes it.
final class HttpPieces extends OutputStream {
    static final int PIECE_BYTES = 64 * 1024;

    /// Sends one piece; waits until the one before it has left.
    @FunctionalInterface
    interface Sink {
        void send(byte[] piece) throws IOException;
    }

    private final Sink sink;
    private byte[] piece = new byte[1024];
    private int size;
    private boolean begun;

    HttpPieces(Sink sink) {
        this.sink = sink;
    }

    @Override
    public void write(int next) throws IOException {
        write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (size == PIECE_BYTES) {
                send();
            }
            int count = Math.min(length - done, PIECE_BYTES - size);
            if (piece.length < size + count) {
                piece = Arrays.copyOf(piece, Math.clamp(2L * piece.length, size + count, PIECE_BYTES));
            }
            System.arraycopy(source, offset + done, piece, size, count);
            size += count;
            done += count;
        }
    }

    private void send() throws IOException {
        begun = true;
        sink.send(rest());
    }

    /// Whether something was sent.
    boolean isBegun() {
        return begun;
    }

    /// What was not sent; from now on it is the caller's.
    byte[] rest() {
        var rest = size == piece.length ? piece : Arrays.copyOf(piece, size);
        piece = new byte[begun ? PIECE_BYTES : 0];
        size = 0;
        return rest;
    }
}
