package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.waystation.wire.Frames;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Frames on their way to one peer, gathered so that a system call carries many. Confined to the connection's loop.
///
/// Frames are written one behind the other into a chunk; a full chunk goes to Netty's outbound queue, a flush sends it
/// all. The chunk in hand is released by [#close], the queue by Netty. What the queue holds after a flush, since the
/// peer does not take it, counts in the memory of all connections ([OutputMemory]).
final class Output {
    private static final int MESSAGE_CHUNK_BYTES = 64 * 1024;
    private static final int RESPONSE_CHUNK_BYTES = 1024;
    /// Bytes in Netty's queue that are sent without waiting for the end of the pass.
    private static final int EAGER_FLUSH_BYTES = 256 * 1024;
    /// Bytes that wait for a peer beyond what makes it unwritable; at this number it is asked for no further commands.
    /// Messages alone reach it only where they are larger.
    private static final int MAX_UNSENT_BYTES = 4 * 1024 * 1024;

    /// Bytes that may wait for a peer though memory is short.
    private static final int LITTLE_BYTES = 16 * 1024;

    private final Channel channel;
    private final OutputMemory memory;
    /// Told on the event loop when the peer has taken what waited for it, or when nothing waits though something was
    /// refused.
    private final Runnable taken;

    private long heldBytes;
    private boolean waitsForPeer;
    /// Something was not done for the peer, because memory was short.
    private boolean refused;
    private @Nullable ByteBuf chunk;
    private @Nullable ByteBuffer bytes;
    private int length;
    private int queuedBytes;
    private long sentBytes;
    private int pendingMessages;
    private boolean closed;

    Output(Channel channel, OutputMemory memory, Runnable taken) {
        this.channel = channel;
        this.memory = memory;
        this.taken = taken;
    }

    /// Bytes that are not flushed.
    int pendingBytes() {
        return queuedBytes + length;
    }

    /// Messages that are not flushed.
    int pendingMessages() {
        return pendingMessages;
    }

    /// Whether the peer may be sent messages.
    boolean hasRoom() {
        return channel.isWritable() && !isShort();
    }

    /// Whether the peer has to take some of what waits for it before anything else is done for it.
    boolean isFull() {
        return (!channel.isWritable() && channel.bytesBeforeWritable() >= MAX_UNSENT_BYTES) || isShort();
    }

    private boolean isShort() {
        boolean refuses = memory.isTight() && pendingBytes() + unsentBytes() >= LITTLE_BYTES;
        refused |= refuses;
        return refuses;
    }

    /// Bytes in Netty's queue.
    private long unsentBytes() {
        if (!channel.isActive()) {
            return 0;
        }
        var marks = channel.config().getWriteBufferWaterMark();
        return channel.isWritable()
                ? Math.max(marks.high() + 1 - channel.bytesBeforeUnwritable(), 0)
                : marks.low() + channel.bytesBeforeWritable();
    }

    void response(byte[] frame) {
        if (closed || frame.length == 0) {
            return;
        }
        room(frame.length, RESPONSE_CHUNK_BYTES).put(length, frame);
        length += frame.length;
    }

    /// Copies one message with its frame's header.
    void message(ByteBuffer source, int position, int bodyLength, long timestampNs, int attempts, long id) {
        if (closed) {
            return;
        }
        int frameLength = Frames.MESSAGE_OVERHEAD + bodyLength;
        var target = room(frameLength, MESSAGE_CHUNK_BYTES);
        Frames.putMessageHeader(target, length, bodyLength, timestampNs, attempts, id);
        target.put(length + Frames.MESSAGE_OVERHEAD, source, position, bodyLength);
        length += frameLength;
        pendingMessages++;
    }

    private ByteBuffer room(int needed, int chunkBytes) {
        var current = bytes;
        if (current != null && current.capacity() - length >= needed) {
            return current;
        }
        queueChunk();
        if (queuedBytes >= EAGER_FLUSH_BYTES) {
            flush();
        }
        int wanted = memory.isTight() ? RESPONSE_CHUNK_BYTES : chunkBytes;
        var fresh = channel.alloc().directBuffer(Math.max(needed, wanted));
        var view = fresh.nioBuffer(0, fresh.capacity());
        chunk = fresh;
        bytes = view;
        return view;
    }

    private void queueChunk() {
        var full = chunk;
        if (full == null) {
            return;
        }
        full.writerIndex(length);
        queuedBytes += length;
        chunk = null;
        bytes = null;
        length = 0;
        var _ = channel.write(compact(full), channel.voidPromise());
    }

    /// A slow peer's queue is to hold bytes, not mostly empty chunks.
    private ByteBuf compact(ByteBuf full) {
        if (full.readableBytes() > full.capacity() / 2 || unsentBytes() == 0) {
            return full;
        }
        var small = channel.alloc().directBuffer(full.readableBytes()).writeBytes(full);
        full.release();
        return small;
    }

    void flush() {
        if (closed || pendingBytes() == 0) {
            return;
        }
        queueChunk();
        sentBytes += queuedBytes;
        queuedBytes = 0;
        pendingMessages = 0;
        channel.flush();
        count();
    }

    /// Counts what waits for the peer, and listens for its end.
    private void count() {
        long now = closed ? 0 : unsentBytes();
        if (now != heldBytes) {
            memory.change(now - heldBytes);
            heldBytes = now;
        }
        if (now > 0 && !waitsForPeer) {
            waitsForPeer = true;
            // Empty, so it is done when everything before it has left.
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> taken.run());
        } else if (now == 0 && refused && !closed) {
            refused = false;
            taken.run();
        }
    }

    /// The peer has taken what waited for it, though some more may wait by now.
    void onTaken() {
        waitsForPeer = false;
        count();
    }

    /// Bytes that were sent since the last call.
    long takeSentBytes() {
        long taken = sentBytes;
        sentBytes = 0;
        return taken;
    }

    /// Forgets what was not sent; frames written from now on go nowhere.
    void close() {
        closed = true;
        memory.change(-heldBytes);
        heldBytes = 0;
        var unsent = chunk;
        if (unsent != null) {
            unsent.release();
            chunk = null;
            bytes = null;
            length = 0;
        }
    }
}
