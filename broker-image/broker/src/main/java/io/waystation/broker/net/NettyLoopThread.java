package io.waystation.broker.net;

import io.netty.channel.EventLoop;
import io.waystation.broker.loop.LoopThread;
import java.util.concurrent.TimeUnit;

/// A Netty event loop as the thread behind a [io.waystation.broker.loop.Loop].
record NettyLoopThread(EventLoop eventLoop) implements LoopThread {
    private static final long NANOS_PER_MS = 1_000_000;

    @Override
    public void execute(Runnable task) {
        eventLoop.execute(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        var _ = eventLoop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isCurrent() {
        return eventLoop.inEventLoop();
    }

    @Override
    public long monotonicMs() {
        return System.nanoTime() / NANOS_PER_MS;
    }

    @Override
    public long monotonicNs() {
        return System.nanoTime();
    }

    @Override
    public long wallMs() {
        return System.currentTimeMillis();
    }
}
