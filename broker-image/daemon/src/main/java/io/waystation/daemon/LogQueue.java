package io.waystation.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/// Lines on their way to the appender that writes them, which a thread of its own does, so that a slow reader of stderr
/// stops nobody. Safe from any thread: the queue between is concurrent, and only its thread touches the appender.
///
/// Of what does not fit, lines below WARN are dropped first: they leave a fifth of the queue to the others. Whatever is
/// dropped is counted, and the count is a line of its own as soon as there is room.
final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final int SHARE_FOR_WARNINGS = 5;
    /// How long the end of the program waits for a reader of stderr that does not read.
    private static final int STOP_MS = 1000;

    private final Appender<ILoggingEvent> target;
    private final ArrayBlockingQueue<ILoggingEvent> lines;
    private final int reserved;
    private final AtomicLong dropped = new AtomicLong();
    private @Nullable Thread writer;

    LogQueue(Appender<ILoggingEvent> target, int capacity) {
        this.target = target;
        this.lines = new ArrayBlockingQueue<>(capacity);
        this.reserved = capacity / SHARE_FOR_WARNINGS;
    }

    @Override
    public void start() {
        super.start();
        writer = Thread.ofPlatform().name("log").daemon().start(this::write);
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        boolean important = event.getLevel().isGreaterOrEqual(Level.WARN);
        if ((!important && lines.remainingCapacity() <= reserved) || !lines.offer(event)) {
            dropped.incrementAndGet();
        }
    }

    private void write() {
        try {
            while (true) {
                target.doAppend(lines.take());
                tellDropped();
            }
        } catch (InterruptedException stopped) {
            var rest = new ArrayList<ILoggingEvent>();
            lines.drainTo(rest);
            rest.forEach(target::doAppend);
            tellDropped();
        }
    }

    private void tellDropped() {
        long count = dropped.getAndSet(0);
        if (count > 0) {
            var event = new LoggingEvent();
            event.setLoggerName(LogQueue.class.getName());
            event.setLevel(Level.WARN);
            event.setMessage("log lines dropped: they came faster than they were read");
            event.setTimeStamp(System.currentTimeMillis());
            event.setKeyValuePairs(List.of(new KeyValuePair("count", count)));
            target.doAppend(event);
        }
    }

    /// Writes what is queued and ends.
    @Override
    public void stop() {
        var thread = writer;
        if (!isStarted() || thread == null) {
            return;
        }
        super.stop();
        thread.interrupt();
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        target.stop();
    }
}
