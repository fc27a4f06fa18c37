package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The compressed layer of a connection. Confined to the connection's loop, with which it moves.
///
/// A few compressed bytes can stand for a thousand times as many, so what the peer sent is decoded piece by piece,
/// only while the connection wants to read (its `autoRead`), and [#PASS_BYTES] a pass at most. What is left waits
/// here in its compressed form, and as long as something does, the socket is not read; what one pass reads from a
/// socket bounds it.
///
/// ```
///   backlog used up                  read() goes to the socket
///   backlog, the connection paused   autoRead is off; the connection's next read() decodes on
///   backlog, the pass used up        `waiting`: read() does nothing, a task decodes on in the next pass
/// ```
final class CompressionHandler extends ChannelDuplexHandler {
    /// Decoded bytes of one connection in one pass of its loop; others have their turn before the next.
    static final int PASS_BYTES = 256 * 1024;

    private static final int TARGET_BYTES = 16 * 1024;
    /// Encoded bytes that are handed on without waiting for a flush.
    private static final int FULL_BYTES = 64 * 1024;

    /// Told to the connection behind what could be decoded: the rest is none of the agreed format and is dropped.
    record Broken(String cause) {}

    private final StreamCodec codec;
    /// Told how many bytes are held here, after each pass.
    private final IntConsumer held;
    /// Compressed bytes that are not decoded; null when there are none.
    private @Nullable ByteBuf backlog;
    /// The codec may have another piece, though there may be no further input.
    private boolean pieceLeft;
    private boolean draining;
    /// A task decodes on in the next pass.
    private boolean waiting;
    /// What the layer below told behind the bytes that are not decoded yet.
    private @Nullable Object heldEvent;
    private boolean failed;
    private @Nullable ByteBuf target;
    private boolean unflushed;

    CompressionHandler(StreamCodec codec, IntConsumer held) {
        this.codec = codec;
        this.held = held;
    }

    // ---- from the peer

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var input = (ByteBuf) message;
        if (failed) {
            input.release();
            return;
        }
        var earlier = backlog;
        if (earlier == null) {
            backlog = input;
        } else {
            backlog = append(context, earlier, input);
        }
        if (!waiting) {
            drain(context);
        }
    }

    private static ByteBuf append(ChannelHandlerContext context, ByteBuf earlier, ByteBuf input) {
        var all = context.alloc().directBuffer(earlier.readableBytes() + input.readableBytes());
        all.writeBytes(earlier).writeBytes(input);
        earlier.release();
        input.release();
        return all;
    }

    /// The connection wants more.
    @Override
    public void read(ChannelHandlerContext context) {
        if (draining || waiting) {
            return;
        }
        if (pieceLeft) {
            drain(context);
        }
        if (!pieceLeft) {
            context.read();
        }
    }

    private void drain(ChannelHandlerContext context) {
        if (draining) {
            return;
        }
        draining = true;
        pieceLeft = true;
        int budget = PASS_BYTES;
        try {
            while (pieceLeft && budget > 0 && context.channel().config().isAutoRead()) {
                budget -= decodeOne(context);
            }
        } catch (IOException garbage) {
            fail();
            context.fireUserEventTriggered(new Broken(String.valueOf(garbage.getMessage())));
        } finally {
            draining = false;
        }
        releaseEmptyBacklog();
        shrinkBacklog(context);
        var rest = backlog;
        held.accept(rest == null ? 0 : rest.capacity());
        if (!pieceLeft) {
            tellHeldEvent(context);
        } else if (context.channel().config().isAutoRead()) {
            waitForNextPass(context);
        }
    }

    private void fail() {
        failed = true;
        pieceLeft = false;
    }

    private void waitForNextPass(ChannelHandlerContext context) {
        waiting = true;
        // Switching off makes the socket forget that it was to be read; the request that switching on brings ends here.
        context.channel().config().setAutoRead(false);
        context.channel().config().setAutoRead(true);
        context.executor().execute(() -> onNextPass(context));
    }

    private void onNextPass(ChannelHandlerContext context) {
        // A connection that went to another loop asks there.
        if (context.executor().inEventLoop() && waiting) {
            waiting = false;
            if (context.channel().config().isAutoRead()) {
                read(context);
            }
        }
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext context) {
        waiting = false;
        context.fireChannelUnregistered();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (pieceLeft) {
            heldEvent = event;
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    private void tellHeldEvent(ChannelHandlerContext context) {
        var event = heldEvent;
        if (event != null) {
            heldEvent = null;
            context.fireUserEventTriggered(event);
        }
    }

    private int decodeOne(ChannelHandlerContext context) throws IOException {
        var input = backlog;
        var piece = codec.decode(input == null ? Unpooled.EMPTY_BUFFER : input);
        if (piece == null) {
            pieceLeft = false;
            return 0;
        }
        int length = piece.readableBytes();
        context.fireChannelRead(piece);
        return length;
    }

    private void releaseEmptyBacklog() {
        var rest = backlog;
        if (rest != null && (failed || !rest.isReadable())) {
            rest.release();
            backlog = null;
        }
    }

    /// A piece that is not whole may stay for as long as the peer likes.
    private void shrinkBacklog(ChannelHandlerContext context) {
        var rest = backlog;
        if (rest != null && rest.readableBytes() <= rest.capacity() / 4) {
            backlog = context.alloc().directBuffer(rest.readableBytes()).writeBytes(rest);
            rest.release();
        }
    }

    // ---- to the peer

    /// Frames come with a void promise, since nobody waits for a single one; what somebody waits for leaves completed.
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        var plain = (ByteBuf) message;
        try {
            codec.encode(plain, target(context));
            unflushed = true;
        } finally {
            plain.release();
        }
        if (!promise.isVoid()) {
            codec.flush(target(context));
            handOn(context, promise);
        } else if (target(context).readableBytes() >= FULL_BYTES) {
            handOn(context, promise);
        }
    }

    private ByteBuf target(ChannelHandlerContext context) {
        var current = target;
        if (current == null) {
            current = context.alloc().directBuffer(TARGET_BYTES);
            target = current;
        }
        return current;
    }

    private void handOn(ChannelHandlerContext context, ChannelPromise promise) {
        var full = target(context);
        target = null;
        var _ = context.write(full, promise);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (unflushed) {
            unflushed = false;
            codec.flush(target(context));
            handOn(context, context.voidPromise());
        }
        context.flush();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        fail();
        releaseEmptyBacklog();
        var rest = target;
        target = null;
        if (rest != null) {
            rest.release();
        }
        codec.close();
    }
}
