package io.waystation.broker.net;

import org.jspecify.annotations.Nullable;

/// Puts answers into the order of the requests.
///
/// A publish is answered when its batch is stored, which may be on another loop and after later commands; clients pair
/// frames with requests by order alone. So each publish reserves a place here, answers of other commands queue behind
/// it, and whatever is complete at the head leaves. Without publishes under way an answer passes straight through.
/// Confined to the connection's loop.
final class Replies {
    /// Answers outstanding on one connection; at this number it reads no further commands until some have left.
    static final int MAX_PENDING = 4096;

    private final Output output;
    /// A ring over `[head, tail)`; null: not known yet.
    private byte[] @Nullable [] frames = new byte[16][];
    private int head;
    private int tail;
    /// The place of the answer after which nothing more is sent; meaningful when `hasLast`.
    private int last;
    private boolean hasLast;

    Replies(Output output) {
        this.output = output;
    }

    boolean isEmpty() {
        return head == tail;
    }

    boolean isFull() {
        return tail - head >= MAX_PENDING;
    }

    /// Whether the last answer of the connection has left.
    boolean isDone() {
        return hasLast && head - last > 0;
    }

    int reserve() {
        if (tail - head == frames.length) {
            grow();
        }
        return tail++;
    }

    private void grow() {
        byte[] @Nullable [] larger = new byte[2 * frames.length][];
        for (int place = head; place != tail; place++) {
            larger[place & (larger.length - 1)] = frames[place & (frames.length - 1)];
        }
        frames = larger;
    }

    void complete(int place, byte[] frame) {
        frames[place & (frames.length - 1)] = frame;
        while (head != tail && !isDone()) {
            var next = frames[head & (frames.length - 1)];
            if (next == null) {
                return;
            }
            frames[head & (frames.length - 1)] = null;
            head++;
            output.response(next);
        }
    }

    /// Like [#complete]; nothing is sent behind it.
    void completeLast(int place, byte[] frame) {
        if (!hasLast || place - last < 0) {
            hasLast = true;
            last = place;
        }
        complete(place, frame);
    }

    void add(byte[] frame) {
        complete(reserve(), frame);
    }

    void addLast(byte[] frame) {
        completeLast(reserve(), frame);
    }
}
