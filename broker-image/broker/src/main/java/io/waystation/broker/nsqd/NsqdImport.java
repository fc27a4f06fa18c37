package io.waystation.broker.nsqd;

import io.waystation.broker.topic.TopicDirectories;
import io.waystation.broker.topic.TopicImport;
import io.waystation.log.DataDirectory;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import io.waystation.log.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes topics of the files that an nsqd left in the data directory. Reads them only.
///
/// ```
///   absent --(nsqd's files are there)--> begun --(every topic is in its place)--> done
/// ```
///
/// A topic is written aside, synced and renamed into its place, so whatever moment the process is killed at, the next
/// start finds it whole or not at all, and goes on with those that are missing. Once `done`, nsqd's files are never
/// looked at again.
public final class NsqdImport {
    private static final String BEGUN = "begun\n";
    private static final String DONE = "done\n";
    private static final long NANOS_PER_MS = 1_000_000;
    private static final NsqdMetadata.Topic UNKNOWN = new NsqdMetadata.Topic(false, Map.of());
    private static final Logger LOG = LoggerFactory.getLogger(NsqdImport.class);

    private final FileStore files;
    private final Path dataPath;
    private final int shard;
    private final LogSettings settings;

    public NsqdImport(FileStore files, Path dataPath, int shard, LogSettings settings) {
        this.files = files;
        this.dataPath = dataPath;
        this.shard = shard;
        this.settings = settings;
    }

    /// Imports what there is to import and has not been; the number of messages.
    public long run() throws IOException {
        try {
            var state = SmallFile.read(files, stateFile());
            if (state != null && state.startsWith(DONE)) {
                return 0;
            }
            var topics = NsqdMetadata.read(dataPath);
            var queues = DiskQueue.list(dataPath);
            if (topics.isEmpty() && queues.isEmpty() && !Files.exists(dataPath.resolve(NsqdMetadata.FILE))) {
                return 0;
            }
            begin(state);
            return importAll(topics, queues);
        } catch (IOException failure) {
            throw new IOException("nsqd import: " + failure.getMessage(), failure);
        }
    }

    private Path stateFile() {
        return dataPath.resolve(DataDirectory.NSQD_IMPORT_FILE);
    }

    private void begin(@Nullable String state) throws IOException {
        var owner = NsqdLock.owner(dataPath);
        if (owner != null) {
            throw new IOException(dataPath + " is in use by an nsqd, process " + owner
                    + " (expected: an nsqd that has been stopped)");
        }
        if (state == null) {
            var present = files.list(TopicDirectories.directory(dataPath, shard));
            if (!present.isEmpty()) {
                throw new IOException(dataPath + " holds an nsqd's files beside topics of this broker, such as "
                        + present.getFirst() + " (expected: one or the other; move nsqd's files elsewhere)");
            }
            SmallFile.write(files, stateFile(), BEGUN);
        }
    }

    private long importAll(Map<String, NsqdMetadata.Topic> topics, Map<String, Map<String, DiskQueue>> queues)
            throws IOException {
        var names = new TreeSet<>(topics.keySet());
        names.addAll(queues.keySet());
        long messages = 0;
        for (var name : names) {
            var topic = topics.get(name);
            if (topic == null) {
                LOG.atWarn().addKeyValue("topic", name).log("import: has files and is not in nsqd.dat");
            }
            messages += importTopic(name, topic == null ? UNKNOWN : topic, queues.getOrDefault(name, Map.of()));
        }
        SmallFile.write(files, stateFile(), DONE + "topics: " + names.size() + "\n");
        LOG.atInfo()
                .addKeyValue("topics", names.size())
                .addKeyValue("messages", messages)
                .log("import: done, nsqd's files are not needed any more");
        return messages;
    }

    private long importTopic(String name, NsqdMetadata.Topic topic, Map<String, DiskQueue> queues) throws IOException {
        var place = TopicDirectories.directoryOf(dataPath, shard, name);
        if (files.exists(place)) {
            return 0;
        }
        var parent = TopicDirectories.directory(dataPath, shard);
        var aside = parent.resolveSibling("importing");
        TopicDirectories.removeTree(files, aside);
        files.createDirectories(parent);
        long messages = write(aside, topic, queues);
        files.rename(aside, place);
        files.syncDirectory(parent);
        LOG.atInfo()
                .addKeyValue("topic", name)
                .addKeyValue("messages", messages)
                .log("import: topic done");
        return messages;
    }

    private long write(Path directory, NsqdMetadata.Topic topic, Map<String, DiskQueue> queues) throws IOException {
        var channels = new TreeMap<>(topic.channels());
        for (var channel : queues.keySet()) {
            if (!channel.isEmpty() && channels.putIfAbsent(channel, false) == null) {
                LOG.atWarn().addKeyValue("channel", channel).log("import: has files and is not in nsqd.dat");
            }
        }
        try (var target = new TopicImport(files, directory, settings)) {
            for (var channel : channels.entrySet()) {
                copy(queues.get(channel.getKey()), target);
                target.endChannel(channel.getKey(), channel.getValue());
            }
            copy(queues.get(""), target);
            return target.end(topic.paused());
        }
    }

    private static void copy(@Nullable DiskQueue queue, TopicImport target) throws IOException {
        if (queue == null) {
            return;
        }
        long count = 0;
        try (var reader = new DiskQueueReader(queue)) {
            while (reader.next()) {
                target.add(
                        reader.timestampNs() / NANOS_PER_MS,
                        reader.buffer(),
                        reader.bodyPosition(),
                        reader.bodyLength());
                count++;
            }
        }
        var start = queue.start();
        if (start != null && count < start.depth()) {
            LOG.atWarn()
                    .addKeyValue("queue", queue.name())
                    .addKeyValue("expected", start.depth())
                    .addKeyValue("messages", count)
                    .log("import: fewer messages than its metadata says");
        }
    }
}
