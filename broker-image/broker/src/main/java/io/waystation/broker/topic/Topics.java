package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.daemon.Closing;
import io.waystation.log.CorruptBatchException;
import io.waystation.log.FileStore;
import io.waystation.wire.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topics of this broker by name. Safe from any thread: the map holds a promise a name, so that whoever asks first
/// opens the topic and everybody else waits for the same one; the topics themselves are confined to their loops.
public final class Topics {
    /// Directories whose name begins so are being removed; the character is in no topic's name.
    private static final String REMOVED_PREFIX = "~removed-";

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    private final TopicContext context;
    private final List<Loop> loops;
    private final Path directory;
    private final Path ephemeralDirectory;
    /// Tells which channels other brokers have of a topic that is new here; may block.
    private final Function<String, Set<String>> knownChannels;

    private final Map<String, CompletableFuture<Topic>> topics = new ConcurrentHashMap<>();
    /// Why those are out of service that could not be opened.
    private final Map<String, String> damaged = new ConcurrentHashMap<>();
    private final PublishRefusals refusals;
    private final Quota quota;
    /// Held by whoever removes ephemeral topics: those that are unused one by one, and all of them at the end.
    private final ReentrantLock ephemeral = new ReentrantLock();

    private final AtomicLong removedCount = new AtomicLong();
    private volatile boolean exiting;

    /// A name whose topic is being removed; never completed itself.
    private static final class Leaving extends CompletableFuture<Topic> {
        final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
    }

    /// Topics without limits to their number.
    public Topics(TopicContext context, List<Loop> loops, Path dataPath, Function<String, Set<String>> knownChannels) {
        this(context, loops, dataPath, knownChannels, new Quota(() -> Quota.Limits.NONE));
    }

    public Topics(
            TopicContext context,
            List<Loop> loops,
            Path dataPath,
            Function<String, Set<String>> knownChannels,
            Quota quota) {
        this.context = context;
        this.quota = quota;
        this.loops = List.copyOf(loops);
        this.directory = directory(dataPath, context.shard());
        this.ephemeralDirectory = dataPath.resolve("ephemeral");
        this.knownChannels = knownChannels;
        this.refusals = new PublishRefusals(context.volume());
    }

    public PublishRefusals refusals() {
        return refusals;
    }

    public Quota quota() {
        return quota;
    }

    /// Where the topics of a shard are kept.
    public static Path directory(Path dataPath, int shard) {
        return dataPath.resolve("shards").resolve(Integer.toString(shard)).resolve("topics");
    }

    /// Where a topic that lasts is kept.
    public static Path directoryOf(Path dataPath, int shard, String name) {
        return directory(dataPath, shard).resolve(entryOf(name));
    }

    /// Opens all that is stored. Not for a loop.
    public void load() throws IOException {
        removeTree(ephemeralDirectory);
        for (var entry : context.files().list(directory)) {
            if (entry.startsWith(REMOVED_PREFIX)) {
                removeTree(directory.resolve(entry));
                continue;
            }
            var name = nameOf(entry);
            if (!Names.isValid(name)) {
                LOG.atWarn().addKeyValue("directory", entry).log("skipped: not the name of a topic");
                continue;
            }
            load(name);
        }
    }

    /// A topic that cannot be opened stays as it is, and nobody gets it, so that no message is lost without somebody
    /// deciding that; the others are served.
    private void load(String name) {
        try {
            topics.put(name, CompletableFuture.completedFuture(open(name)));
        } catch (CorruptBatchException damage) {
            outOfService(name, "is damaged: " + damage.getMessage(), String.valueOf(damage.getMessage()), damage);
        } catch (IOException | RuntimeException failure) {
            outOfService(name, "cannot be opened: " + failure, String.valueOf(failure), failure);
        }
    }

    private void outOfService(String name, String what, String cause, Exception failure) {
        damaged.put(name, cause);
        topics.put(name, CompletableFuture.failedFuture(new IOException("topic " + name + " " + what, failure)));
        LOG.atError()
                .addKeyValue("topic", name)
                .setCause(failure)
                .log("topic is out of service until its files can be opened again, or it is deleted");
    }

    /// Topics that are out of service because their files are damaged or cannot be opened, each with what is wrong.
    public SortedMap<String, String> damaged() {
        return new TreeMap<>(damaged);
    }

    /// What is wrong with the topic of that name; null when it is in service, or is not there.
    public @Nullable String damage(String name) {
        return damaged.get(name);
    }

    /// The topic if it is there and ready.
    public @Nullable Topic find(String name) {
        var promise = topics.get(name);
        return promise == null || promise.isCompletedExceptionally() ? null : promise.getNow(null);
    }

    public List<Topic> all() {
        var ready = new TreeMap<String, Topic>();
        for (var name : topics.keySet()) {
            var topic = find(name);
            if (topic != null) {
                ready.put(name, topic);
            }
        }
        return List.copyOf(ready.values());
    }

    /// The topic of that name, made when there is none; it has the channels that other brokers have before its first
    /// message flows. Fails with an [IOException] whose message is fit for the client.
    public CompletableFuture<Topic> obtain(String name) {
        return obtain(name, context.volume()::refusal);
    }

    /// Like [#obtain(String)], also while the broker is cordoned.
    CompletableFuture<Topic> obtainForDeadLetters(String name) {
        return obtain(name, context.volume()::storageRefusal);
    }

    private CompletableFuture<Topic> obtain(String name, Supplier<@Nullable String> refusal) {
        if (exiting) {
            return CompletableFuture.failedFuture(new IOException(Topic.EXITING));
        }
        var promise = new CompletableFuture<Topic>();
        var earlier = topics.putIfAbsent(name, promise);
        if (earlier instanceof Leaving leaving) {
            return leaving.gone.thenCompose(_ -> obtain(name, refusal));
        }
        if (earlier != null) {
            return earlier;
        }
        Thread.startVirtualThread(() -> {
            try {
                promise.complete(create(name, refusal.get()));
            } catch (IOException | RuntimeException failure) {
                topics.remove(name, promise);
                promise.completeExceptionally(failure);
            }
        });
        return promise;
    }

    /// Why a topic could not be obtained, fit for the client.
    public static String cause(@Nullable Throwable failure) {
        var inner = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return inner == null ? Topic.EXITING : String.valueOf(inner.getMessage());
    }

    private Topic create(String name, @Nullable String refusal) throws IOException {
        if (exiting) {
            throw new IOException(Topic.EXITING);
        }
        if (refusal != null) {
            throw new IOException(refusal);
        }
        quota.admitTopic(topics.size());
        var channels = knownChannels.apply(name).stream()
                .filter(channel -> Names.isValid(channel) && !Names.isEphemeral(channel))
                .toList();
        quota.admitChannels(name, channels.size());
        var path = pathOf(name);
        context.files().createDirectories(path);
        var parent = path.getParent();
        if (parent != null) {
            context.files().syncDirectory(parent);
        }
        var topic = open(name);
        try {
            onLoop(topic, () -> {
                for (var channel : channels) {
                    topic.obtainChannel(channel);
                }
                return topic;
            });
        } catch (IOException | RuntimeException failure) {
            close(topic, failure);
            throw failure;
        }
        LOG.atInfo()
                .addKeyValue("topic", name)
                .addKeyValue("channels", channels.size())
                .log("topic created");
        context.listener().onTopicCreated(name);
        return topic;
    }

    /// Nobody gets the topic, because of the failure.
    private static void close(Topic topic, Exception failure) {
        try {
            onLoop(topic, () -> {
                topic.close();
                return topic;
            });
        } catch (IOException | RuntimeException another) {
            failure.addSuppressed(another);
        }
    }

    private Topic open(String name) throws IOException {
        var loop = loops.get(Math.floorMod(name.hashCode(), loops.size()));
        var topic = Topic.open(context, this, name, pathOf(name), loop);
        loop.execute(topic::start);
        return topic;
    }

    /// Removes the topic with all its messages; false when there is none. Blocks.
    public boolean delete(String name) throws IOException {
        return delete(name, false);
    }

    /// @param unused only if it has no channels
    private boolean delete(String name, boolean unused) throws IOException {
        var promise = topics.get(name);
        var topic = find(name);
        var leaving = new Leaving();
        boolean isThere = topic != null || damaged.containsKey(name);
        if (promise == null || !isThere || !topics.replace(name, promise, leaving)) {
            return false;
        }
        boolean stays = topic == null;
        try {
            stays = topic != null && !onLoop(topic, () -> closes(topic, unused));
            if (stays) {
                return false;
            }
            stays = topic == null;
            remove(pathOf(name));
            damaged.remove(name);
            stays = false;
        } finally {
            if (stays) {
                topics.replace(name, leaving, promise);
            } else {
                topics.remove(name, leaving);
            }
            leaving.gone.complete(null);
        }
        LOG.atInfo().addKeyValue("topic", name).log("topic deleted");
        context.listener().onTopicDeleted(name);
        return true;
    }

    /// Closes the topic, unless only an unused one is meant and it has a channel again. On its loop.
    private static boolean closes(Topic topic, boolean unused) throws IOException {
        if (unused && topic.hasChannels()) {
            return false;
        }
        topic.close();
        return true;
    }

    /// An ephemeral topic lost its last channel, so it goes as well, unless it has one again by then. On its loop.
    void onUnused(Topic topic) {
        Thread.startVirtualThread(() -> {
            ephemeral.lock();
            try {
                if (!exiting && find(topic.name()) == topic) {
                    delete(topic.name(), true);
                }
            } catch (IOException failure) {
                LOG.atWarn()
                        .addKeyValue("topic", topic.name())
                        .setCause(failure)
                        .log("ephemeral topic not removed");
            } finally {
                ephemeral.unlock();
            }
        });
    }

    private void remove(Path path) throws IOException {
        var files = context.files();
        var parent = path.getParent();
        if (parent == null || !files.exists(path)) {
            return;
        }
        // The rename makes the removal one step, however many files there are and wherever a crash falls.
        var removed = parent.resolve(REMOVED_PREFIX + removedCount.incrementAndGet() + "-" + path.getFileName());
        files.rename(path, removed);
        files.syncDirectory(parent);
        removeTree(removed);
    }

    private void removeTree(Path path) throws IOException {
        removeTree(context.files(), path);
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

    /// Runs on the topic's loop and waits for it; IO failures and refused arguments come back as they were thrown.
    public static <T extends @Nullable Object> T onLoop(Topic topic, Question<T> question) throws IOException {
        Supplier<T> supplier = () -> {
            try {
                return question.ask();
            } catch (IOException failure) {
                throw new CompletionException(failure);
            }
        };
        try {
            return topic.loop().call(supplier).join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException io) {
                throw io;
            }
            if (failure.getCause() instanceof IllegalArgumentException refusal) {
                throw refusal;
            }
            throw failure;
        }
    }

    /// Like [#onLoop], for a change: returns once that is as durable as the topic promises.
    public static <T extends @Nullable Object> T change(Topic topic, Question<T> question) throws IOException {
        var durable = new CompletableFuture<@Nullable Void>();
        T answer = onLoop(topic, () -> {
            T asked = question.ask();
            topic.awaitDurable(new PublishWaiter() {
                @Override
                public void onPublished(int ticket) {
                    durable.complete(null);
                }

                @Override
                public void onPublishFailed(int ticket, String cause) {
                    durable.completeExceptionally(new IOException(cause));
                }
            });
            return asked;
        });
        try {
            durable.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof IOException io ? io : new IOException(failure);
        }
        return answer;
    }

    /// The broker's defaults changed.
    public void applySettings() {
        for (var topic : all()) {
            topic.loop().execute(topic::applySettings);
        }
    }

    /// Something to ask a topic on its loop.
    @FunctionalInterface
    public interface Question<T extends @Nullable Object> {
        T ask() throws IOException;
    }

    /// All figures at one time. Blocks.
    public List<TopicStats> stats(boolean withClients) {
        var stats = new ArrayList<TopicStats>();
        walk(all(), withClients).forEachRemaining(stats::add);
        return stats;
    }

    /// The figures of topics, each as it is when its turn comes, without those that are closed by then. Blocks.
    public Iterator<TopicStats> walk(List<Topic> of, boolean withClients) {
        return walk(of, null, withClients);
    }

    /// Likewise with that channel alone, and without topics that have none of that name.
    public Iterator<TopicStats> walk(List<Topic> of, @Nullable String onlyChannel, boolean withClients) {
        return new StatsWalk(of, onlyChannel, withClients);
    }

    /// Writes everything and closes all topics. Blocks.
    public void close() throws IOException {
        exiting = true;
        ephemeral.lock();
        try {
            var closing = new Closing();
            for (var topic : all()) {
                closing.then(() -> onLoop(topic, () -> closes(topic, false)));
            }
            closing.then(() -> removeTree(ephemeralDirectory)).end();
        } finally {
            ephemeral.unlock();
        }
    }

    private Path pathOf(String name) {
        return Names.isEphemeral(name) ? ephemeralDirectory.resolve(name) : directory.resolve(entryOf(name));
    }

    /// The names `.` and `..` are good topics and bad directories.
    private static String entryOf(String name) {
        return name.equals(".") || name.equals("..") ? name.replace(".", "%2E") : name;
    }

    private static String nameOf(String entry) {
        return entry.replace("%2E", ".");
    }
}
