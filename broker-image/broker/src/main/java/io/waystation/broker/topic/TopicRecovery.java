package io.waystation.broker.topic;

import io.waystation.log.DiskFullException;
import io.waystation.log.FlushTask;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What becomes of the end of a topic's log that a crash left, before the topic serves. Used by the thread that opens
/// the topic.
record TopicRecovery(TopicContext context, String topic, PartitionLog log) {
    private static final Logger LOG = LoggerFactory.getLogger(TopicRecovery.class);

    /// Tells what was cut off.
    void report() {
        var recovery = log.recovery();
        if (recovery.cutBytes() > 0) {
            LOG.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("cutBytes", recovery.cutBytes())
                    .addKeyValue("readableBytes", recovery.cutReadableBytes())
                    .log("the end of the log was not whole: cut off");
        }
    }

    /// What was not flushed is kept and delivered, so it has to last as well. A disk without room for a log's first
    /// mark leaves that log to the flushes to come.
    void flush(List<FlushTask> deferred, List<PartitionLog> companions) throws IOException {
        var tasks = new ArrayList<>(deferred);
        for (var companion : companions) {
            Flusher.add(tasks, companion);
        }
        Flusher.add(tasks, log);
        for (var task : tasks) {
            try {
                task.run();
                task.completed();
            } catch (DiskFullException full) {
                context.volume().full(full.getMessage());
            }
        }
    }
}
