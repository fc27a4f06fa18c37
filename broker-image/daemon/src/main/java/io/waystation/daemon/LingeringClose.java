package io.waystation.daemon;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/// The end of a connection whose client may still be sending: closing at once would let the system answer what was not
/// read with a reset, which can overtake the last answer. So the sending side closes first, and what comes is dropped,
/// within bounds, until the client closes too. Confined to the connection's loop.
public final class LingeringClose extends ChannelInboundHandlerAdapter {
    private static final long MAX_DROPPED_BYTES = 1024 * 1024;
    private static final long MAX_MS = 1000;

    private long droppedBytes;

    private LingeringClose() {}

    /// Closes the channel once the last answer is written.
    public static void after(ChannelFuture lastAnswer) {
        lastAnswer.addListener(written -> {
            var channel = lastAnswer.channel();
            if (!written.isSuccess() || !channel.isActive()) {
                var _ = channel.close();
                return;
            }
            channel.pipeline().addFirst(new LingeringClose());
            if (channel instanceof DuplexChannel duplex) {
                var _ = duplex.shutdownOutput();
            }
            channel.config().setAutoRead(true);
            var _ = channel.eventLoop().schedule(() -> close(channel), MAX_MS, TimeUnit.MILLISECONDS);
        });
    }

    private static void close(Channel channel) {
        var _ = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        droppedBytes += ((ByteBuf) message).readableBytes();
        ReferenceCountUtil.release(message);
        if (droppedBytes > MAX_DROPPED_BYTES) {
            var _ = context.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            var _ = context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }
}
