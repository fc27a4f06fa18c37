package io.waystation.broker.net;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.waystation.broker.loop.Loop;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The broker's event loops. Immutable once made, so safe from any thread.
public final class Loops {
    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> loops = new ArrayList<>();
    private final IdentityHashMap<EventLoop, Loop> byEventLoop = new IdentityHashMap<>();
    private final IdentityHashMap<Loop, EventLoop> eventLoops = new IdentityHashMap<>();

    public Loops(int count) {
        group = new MultiThreadIoEventLoopGroup(
                count,
                new DefaultThreadFactory("loop", false),
                NioIoHandler.newFactory(SelectorProvider.provider(), () -> new SpinBeforeWait(System::nanoTime)));
        for (int i = 0; i < count; i++) {
            var eventLoop = group.next();
            var loop = new Loop(i, new NettyLoopThread(eventLoop));
            loops.add(loop);
            byEventLoop.put(eventLoop, loop);
            eventLoops.put(loop, eventLoop);
        }
    }

    public List<Loop> all() {
        return loops;
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    Loop of(EventLoop eventLoop) {
        var loop = byEventLoop.get(eventLoop);
        if (loop == null) {
            throw new IllegalArgumentException("not one of the broker's event loops: " + eventLoop);
        }
        return loop;
    }

    EventLoop eventLoop(Loop loop) {
        var eventLoop = eventLoops.get(loop);
        if (eventLoop == null) {
            throw new IllegalArgumentException("not one of the broker's loops: " + loop.index());
        }
        return eventLoop;
    }

    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
