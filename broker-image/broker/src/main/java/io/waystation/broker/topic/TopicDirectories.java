package io.waystation.broker.topic;

import io.waystation.log.FileStore;
import io.waystation.wire.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a broker's topics are on its disk: each in a directory of its name. Safe from any thread: what changes is a
/// counter, and no two threads work on one topic's directory.
///
/// A topic is removed in one step, however many files it has and wherever a crash falls: its directory gets another
/// name, which is made durable before a file in it goes. Else a power loss could bring a part of the topic back.
/// What a crash or an error of the disk leaves under such a name goes at the next start.
public final class TopicDirectories {
    /// How such names begin; the character is in no topic's name.
    private static final String REMOVED_PREFIX = "~removed-";

    private static final Logger LOG = LoggerFactory.getLogger(TopicDirectories.class);

    private final FileStore files;
    private final Volume volume;
    private final Path directory;
    private final Path ephemeralDirectory;
    private final AtomicLong removedCount = new AtomicLong();

    TopicDirectories(FileStore files, Volume volume, Path dataPath, int shard) {
        this.files = files;
        this.volume = volume;
        this.directory = directory(dataPath, shard);
        this.ephemeralDirectory = dataPath.resolve("ephemeral");
    }

    /// Where the topics of a shard are kept.
    public static Path directory(Path dataPath, int shard) {
        return dataPath.resolve("shards").resolve(Integer.toString(shard)).resolve("topics");
    }

    /// Where a topic that lasts is kept.
    public static Path directoryOf(Path dataPath, int shard, String name) {
        return directory(dataPath, shard).resolve(entryOf(name));
    }

    Path of(String name) {
        return Names.isEphemeral(name) ? ephemeralDirectory.resolve(name) : directory.resolve(entryOf(name));
    }

    private static Path parent(Path topic) {
        return Objects.requireNonNull(topic.getParent());
    }

    /// The names `.` and `..` are good topics and bad directories.
    private static String entryOf(String name) {
        return name.equals(".") || name.equals("..") ? name.replace(".", "%2E") : name;
    }

    private static String nameOf(String entry) {
        return entry.replace("%2E", ".");
    }

    /// The topics that are stored. What is left of others is removed; not while the broker serves.
    List<String> load() throws IOException {
        clearEphemeral();
        var names = new ArrayList<String>();
        var leftovers = new ArrayList<Path>();
        for (var entry : files.list(directory)) {
            var name = nameOf(entry);
            if (entry.startsWith(REMOVED_PREFIX)) {
                leftovers.add(directory.resolve(entry));
            } else if (Names.isValid(name)) {
                names.add(name);
            } else {
                LOG.atWarn().addKeyValue("directory", entry).log("skipped: not the name of a topic");
            }
        }
        if (!leftovers.isEmpty()) {
            files.syncDirectory(directory);
            leftovers.forEach(this::discard);
        }
        return names;
    }

    void clearEphemeral() throws IOException {
        removeTree(files, ephemeralDirectory);
    }

    /// Makes an empty directory for a topic, which survives a power loss.
    void make(String name) throws IOException {
        var path = of(name);
        files.createDirectories(path);
        syncParent(path);
    }

    /// Removes a topic's directory with all that is in it, if it is there. When this fails and the volume has not
    /// failed, all of it is still there.
    void remove(String name) throws IOException {
        var path = of(name);
        if (!files.exists(path)) {
            return;
        }
        var removed = unused(path);
        files.rename(path, removed);
        syncParent(path);
        discard(removed);
    }

    /// A sync that fails is final: another that succeeds would not prove that the names are on the disk.
    private void syncParent(Path topic) throws IOException {
        try {
            files.syncDirectory(parent(topic));
        } catch (IOException failure) {
            volume.fail(failure);
            throw failure;
        }
    }

    /// A name under which nothing is left, also of an earlier process.
    private Path unused(Path topic) throws IOException {
        Path removed;
        do {
            removed = topic.resolveSibling(REMOVED_PREFIX + removedCount.incrementAndGet() + "-" + topic.getFileName());
        } while (files.exists(removed));
        return removed;
    }

    private void discard(Path removed) {
        try {
            removeTree(files, removed);
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("directory", removed)
                    .setCause(failure)
                    .log("files of a deleted topic are left over until the next start");
        }
    }

    /// Removes a directory with all that is in it, if it is there.
    public static void removeTree(FileStore files, Path path) throws IOException {
        if (!files.exists(path)) {
            return;
        }
        for (var entry : files.list(path)) {
            removeTree(files, path.resolve(entry));
        }
        files.delete(path);
    }
}
