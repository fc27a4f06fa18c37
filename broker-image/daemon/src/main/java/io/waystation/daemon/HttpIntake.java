package io.waystation.daemon;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands before the decoder and hands it bytes in pieces, none while a request is being answered. So pipelined
/// requests wait as bytes, at most those of one read, and decoded ones at most those of one piece. Confined to its
/// event loop.
final class HttpIntake extends ChannelInboundHandlerAdapter {
    private static final int PIECE_BYTES = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(HttpIntake.class);

    private final Duration requestLimit;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private boolean open = true;
    private boolean passing;
    private @Nullable Future<?> deadline;
    private @Nullable ChannelHandlerContext added;

    HttpIntake(Duration requestLimit) {
        this.requestLimit = requestLimit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        added = context;
    }

    private ChannelHandlerContext context() {
        var context = added;
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var bytes = (ByteBuf) message;
        held = held.isReadable() ? Unpooled.wrappedBuffer(held, bytes) : replace(bytes);
        pass(context);
    }

    private ByteBuf replace(ByteBuf bytes) {
        held.release();
        return bytes;
    }

    private void pass(ChannelHandlerContext context) {
        if (passing) {
            return;
        }
        passing = true;
        while (open && held.isReadable()) {
            if (deadline == null) {
                deadline = context.executor()
                        .schedule(() -> close(context), requestLimit.toMillis(), TimeUnit.MILLISECONDS);
            }
            context.fireChannelRead(held.readRetainedSlice(Math.min(PIECE_BYTES, held.readableBytes())));
        }
        passing = false;
    }

    /// A request is complete: nothing more comes until [#resume].
    void pause() {
        open = false;
        context().channel().config().setAutoRead(false);
        stopDeadline();
    }

    /// The request is answered.
    void resume() {
        open = true;
        pass(context());
        if (open) {
            context().channel().config().setAutoRead(true);
        }
    }

    private static void close(ChannelHandlerContext context) {
        LOG.atDebug()
                .addKeyValue("client", context.channel().remoteAddress())
                .log("connection closed: the request came too slowly");
        var _ = context.close();
    }

    private void stopDeadline() {
        var running = deadline;
        if (running != null) {
            running.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        stopDeadline();
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}
