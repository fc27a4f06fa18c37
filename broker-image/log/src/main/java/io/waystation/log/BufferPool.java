package io.waystation.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Direct buffers of powers of two, given out and taken back. Confined to one loop; whoever takes one gives it back.
///
/// What comes back beyond [#MAX_IDLE_BYTES] is left to the garbage collector.
public final class BufferPool {
    /// Bytes that wait here for their next use, so that a loop's steady state allocates nothing.
    static final int MAX_IDLE_BYTES = 16 * 1024 * 1024;

    private static final int SIZES = 32;

    private final List<ArrayDeque<ByteBuffer>> idle = new ArrayList<>(SIZES);
    private int idleBytes;

    public BufferPool() {
        for (int i = 0; i < SIZES; i++) {
            idle.add(new ArrayDeque<>(0));
        }
    }

    /// A buffer of at least so many bytes.
    ByteBuffer acquire(int bytes) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1);
        var buffer = idle.get(bits).poll();
        if (buffer == null) {
            return ByteBuffer.allocateDirect(1 << bits);
        }
        idleBytes -= buffer.capacity();
        return buffer.clear();
    }

    void release(ByteBuffer buffer) {
        if (idleBytes + buffer.capacity() <= MAX_IDLE_BYTES) {
            idleBytes += buffer.capacity();
            idle.get(Integer.numberOfTrailingZeros(buffer.capacity())).push(buffer);
        }
    }
}
