package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LogQueueTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("test");

    /// Whoever reads the log, and does not until it is let.
    private static final class SlowReader extends AppenderBase<ILoggingEvent> {
        final List<String> read = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch reading = new CountDownLatch(1);
        final CountDownLatch mayGoOn = new CountDownLatch(1);

        @Override
        protected void append(ILoggingEvent event) {
            reading.countDown();
            boolean interrupted = false;
            while (mayGoOn.getCount() > 0) {
                try {
                    mayGoOn.await();
                } catch (InterruptedException stopping) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            var pairs = event.getKeyValuePairs() == null ? "" : " " + event.getKeyValuePairs();
            read.add(event.getFormattedMessage() + pairs);
        }
    }

    private LoggingEvent line(Level level, String text) {
        return new LoggingEvent("", logger, level, text, null, null);
    }

    private LogQueue queue(SlowReader reader, int capacity) {
        context.setMDCAdapter(new LogbackMDCAdapter());
        reader.setContext(context);
        reader.start();
        var queue = new LogQueue(reader, capacity);
        queue.setContext(context);
        queue.start();
        return queue;
    }

    @Test
    void whatDoesNotFitIsCountedWhateverItsLevel() throws InterruptedException {
        var reader = new SlowReader();
        var queue = queue(reader, 2);
        queue.doAppend(line(Level.ERROR, "being written"));
        reader.reading.await();

        for (int i = 0; i < 5; i++) {
            queue.doAppend(line(Level.ERROR, "error " + i));
        }
        reader.mayGoOn.countDown();
        queue.stop();

        assertThat(reader.read)
                .containsExactly(
                        "being written",
                        "log lines dropped: they came faster than they were read [count=\"3\"]",
                        "error 0",
                        "error 1");
    }

    @Test
    void warningsHaveRoomThatOtherLinesHaveNot() throws InterruptedException {
        var reader = new SlowReader();
        var queue = queue(reader, 5);
        queue.doAppend(line(Level.INFO, "being written"));
        reader.reading.await();

        for (int i = 0; i < 6; i++) {
            queue.doAppend(line(Level.INFO, "info " + i));
        }
        queue.doAppend(line(Level.WARN, "warning"));
        reader.mayGoOn.countDown();
        queue.stop();

        assertThat(reader.read)
                .containsExactly(
                        "being written",
                        "log lines dropped: they came faster than they were read [count=\"2\"]",
                        "info 0",
                        "info 1",
                        "info 2",
                        "info 3",
                        "warning");
    }

    @Test
    void everythingQueuedIsWrittenBeforeTheEnd() {
        var reader = new SlowReader();
        reader.mayGoOn.countDown();
        var queue = queue(reader, 1000);

        for (int i = 0; i < 500; i++) {
            queue.doAppend(line(Level.INFO, "info " + i));
        }
        queue.stop();

        assertThat(reader.read).hasSize(500).endsWith("info 499");
    }
}
