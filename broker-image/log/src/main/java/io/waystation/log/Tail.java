package io.waystation.log;

import java.nio.ByteBuffer;

/// The most recent bytes of the active segment and behind them the open batch, in one direct buffer: a batch is built
/// where it is written from and where readers find it. Confined to its log's loop.
///
/// ```
///   buffer:  | committed bytes, readable |      open batch       |  free  |
///            0                           openPosition       openLimit
///   file:    startPosition               segment's size
/// ```
///
/// When the room ends, the committed bytes are dropped (readers that are not past them read the file) and the open
/// batch moves to the front, if need be of a larger buffer.
final class Tail {
    private static final int MIN_BYTES = 4096;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final BufferPool buffers;
    private final int preferredBytes;
    private ByteBuffer buffer = EMPTY;
    /// The same bytes with a position and limit of their own, for checksums and writes.
    private ByteBuffer view = EMPTY;
    private long startPosition;
    private int openPosition;
    private int openLimit;

    Tail(BufferPool buffers, int preferredBytes) {
        this.buffers = buffers;
        this.preferredBytes = preferredBytes;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    ByteBuffer view() {
        return view;
    }

    int openPosition() {
        return openPosition;
    }

    int openLimit() {
        return openLimit;
    }

    int openBytes() {
        return openLimit - openPosition;
    }

    /// The file position of the first byte that can be read here.
    long startPosition() {
        return startPosition;
    }

    /// Makes sure of room behind the open batch; the buffer may be another one afterwards.
    void reserve(int bytes) {
        if (buffer.capacity() - openLimit < bytes) {
            makeRoom(bytes);
        }
    }

    private void makeRoom(int bytes) {
        int open = openBytes();
        int needed = open + bytes;
        startPosition += openPosition;
        if (needed <= buffer.capacity() && (buffer.capacity() >= preferredBytes || needed <= buffer.capacity() / 2)) {
            buffer.put(0, buffer, openPosition, open);
        } else {
            int wanted = Math.max(needed, Math.min(preferredBytes, Math.max(MIN_BYTES, 4 * buffer.capacity())));
            var larger = buffers.acquire(wanted);
            larger.put(0, buffer, openPosition, open);
            replace(larger);
        }
        openPosition = 0;
        openLimit = open;
    }

    private void replace(ByteBuffer next) {
        if (buffer.capacity() > 0) {
            buffers.release(buffer);
        }
        buffer = next;
        view = next.duplicate();
    }

    void openLimit(int limit) {
        openLimit = limit;
    }

    /// The open batch is part of the segment now.
    void commit() {
        openPosition = openLimit;
    }

    void discard() {
        openLimit = openPosition;
    }

    /// The open batch goes to another segment, at whose start nothing is committed.
    void startSegment() {
        int open = openBytes();
        buffer.put(0, buffer, openPosition, open);
        openPosition = 0;
        openLimit = open;
        startPosition = 0;
    }

    /// Gives the buffer back; the log has nothing open, and readers find what they need in the file.
    void release(long filePosition) {
        assert openBytes() == 0;
        replace(EMPTY);
        startPosition = filePosition;
        openPosition = 0;
        openLimit = 0;
    }
}
