package io.waystation.daemon;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// The body of one request while it comes in: kept within the route's limit and within the bound of all bodies. What
/// comes beyond is read and forgotten, so that the client reads the answer instead of a reset. Confined to its
/// connection.
final class HttpBody {
    private static final int FIRST_BYTES = 1024;
    private static final byte[] NOTHING = {};

    enum Verdict {
        COMPLETE,
        TOO_LARGE,
        NO_ROOM
    }

    private final HttpBodies all;
    private final int limitBytes;
    private byte[] bytes = NOTHING;
    private int size;
    private int takenBytes;
    private long forgottenBytes;
    private Verdict verdict = Verdict.COMPLETE;

    HttpBody(HttpBodies all, int limitBytes) {
        this.all = all;
        this.limitBytes = limitBytes;
    }

    void add(ByteBuf part) {
        int count = part.readableBytes();
        if (verdict == Verdict.COMPLETE && count > limitBytes - size) {
            forget(Verdict.TOO_LARGE);
        } else if (verdict == Verdict.COMPLETE && size + count > bytes.length) {
            grow(size + count);
        }
        if (verdict != Verdict.COMPLETE) {
            forgottenBytes += count;
            return;
        }
        part.readBytes(bytes, size, count);
        size += count;
    }

    /// More than the limit is announced, and none of it comes.
    void refuse() {
        forget(Verdict.TOO_LARGE);
    }

    private void grow(int leastBytes) {
        int capacity = Math.clamp(2L * bytes.length, Math.max(leastBytes, FIRST_BYTES), Integer.MAX_VALUE);
        int more = Math.max(leastBytes, Math.min(capacity, limitBytes)) - bytes.length;
        if (!all.take(more, takenBytes)) {
            forget(Verdict.NO_ROOM);
            return;
        }
        takenBytes += more;
        byte[] larger = Arrays.copyOf(bytes, bytes.length + more);
        int outgrown = bytes.length;
        bytes = larger;
        all.dropped(outgrown);
    }

    private void forget(Verdict reason) {
        verdict = reason;
        forgottenBytes = size;
        release();
    }

    /// Gives back what was taken; the bytes are gone.
    void release() {
        all.give(takenBytes);
        takenBytes = 0;
        int length = bytes.length;
        bytes = NOTHING;
        all.dropped(length);
        size = 0;
    }

    Verdict verdict() {
        return verdict;
    }

    long forgottenBytes() {
        return forgottenBytes;
    }

    byte[] toArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
