package io.waystation.daemon;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLEngine;

/// The TLS of one connection. Confined to the connection's loop, but for the count of what its handshake has under way
/// on other threads.
///
/// A handshake may take as long as the peer is waited for [#MAX_LOOKS] times [#LOOK_MS], which is NSQ's limit. It is
/// counted in looks of the loop, between which the socket is read, and only while no arithmetic of ours is under way: a
/// loop or a thread of ours that is late is not the peer's fault, and after a restart, when thousands come at once,
/// nobody would get through.
public final class TlsLayer extends SslHandler {
    static final long LOOK_MS = 250;
    static final int MAX_LOOKS = 20;
    /// What a peer is told whose time is over.
    public static final String TIMED_OUT = "handshake timed out after " + LOOK_MS * MAX_LOOKS + "ms";

    private final Arithmetic arithmetic;
    private int lookCount;
    private Runnable whenLate = () -> {};
    private IntConsumer held = bytes -> {};
    private int heldBytes;

    /// @param threads the handshake's arithmetic runs on
    public TlsLayer(SSLEngine engine, Executor threads) {
        this(engine, new Arithmetic(threads));
    }

    private TlsLayer(SSLEngine engine, Arithmetic arithmetic) {
        super(engine, false, arithmetic);
        this.arithmetic = arithmetic;
        setHandshakeTimeoutMillis(0);
    }

    /// Runs just before the connection is closed because its handshake took too long.
    public void whenLate(Runnable action) {
        whenLate = action;
    }

    /// Told how many bytes of a record that is not whole are held, whenever that changes.
    public void whenHeld(IntConsumer listener) {
        held = listener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
        super.handlerAdded(context);
        lookLater(context);
    }

    private void lookLater(ChannelHandlerContext context) {
        var _ = context.executor().schedule(() -> look(context), LOOK_MS, TimeUnit.MILLISECONDS);
    }

    private void look(ChannelHandlerContext context) {
        if (handshakeFuture().isDone() || context.isRemoved()) {
            return;
        }
        if (!arithmetic.isUnderWay()) {
            lookCount++;
        }
        if (lookCount < MAX_LOOKS) {
            lookLater(context);
            return;
        }
        whenLate.run();
        context.flush();
        var _ = context.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        int now = actualReadableBytes() == 0 ? 0 : internalBuffer().capacity();
        if (now != heldBytes) {
            heldBytes = now;
            held.accept(now);
        }
    }

    /// The threads that a handshake's arithmetic runs on, and how much of it is not done.
    private record Arithmetic(Executor threads, AtomicInteger underWay) implements Executor {
        Arithmetic(Executor threads) {
            this(threads, new AtomicInteger());
        }

        boolean isUnderWay() {
            return underWay.get() > 0;
        }

        @Override
        public void execute(Runnable task) {
            underWay.getAndIncrement();
            threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    underWay.getAndDecrement();
                }
            });
        }
    }
}
