package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ends a connection whose TLS handshake failed: behind TLS's own alert it sends the error frame, in clear as nsqd
/// does, and then drops what the peer still writes, up to a bound, since closing at once would reset alert and
/// frame away. Stands next to the socket while the handshake lasts. Confined to the connection's loop.
final class LastWord extends ChannelDuplexHandler {
    private static final int LINGER_MS = 1000;
    private static final int LINGER_BYTES = 1024 * 1024;

    private byte @Nullable [] frame;
    private boolean lingering;
    private int droppedBytes;

    /// What is sent when the TLS layer, which is about to, closes the channel.
    void say(byte[] errorFrame) {
        frame = errorFrame;
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        var last = frame;
        if (last != null) {
            frame = null;
            lingering = true;
            var _ = context.writeAndFlush(Unpooled.wrappedBuffer(last), context.voidPromise());
            var _ = ((DuplexChannel) context.channel()).shutdownOutput();
            context.channel().config().setAutoRead(true);
            var _ = context.executor().schedule(() -> end(context), LINGER_MS, TimeUnit.MILLISECONDS);
        } else if (!lingering) {
            var _ = context.close(promise);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!lingering) {
            context.fireChannelRead(message);
            return;
        }
        var input = (ByteBuf) message;
        droppedBytes += input.readableBytes();
        input.release();
        if (droppedBytes > LINGER_BYTES) {
            end(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (lingering && event instanceof ChannelInputShutdownEvent) {
            end(context);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    private static void end(ChannelHandlerContext context) {
        var _ = context.close();
    }
}
