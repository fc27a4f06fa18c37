package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.daemon.Closing;
import io.waystation.log.CorruptBatchException;
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
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topics of this broker by name. Safe from any thread: the map holds a promise a name, so that whoever asks first
/// opens the topic and everybody else waits for the same one; the topics themselves are confined to their loops.
public final class Topics {
    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    private final TopicContext context;
    private final List<Loop> loops;
    private final TopicDirectories directories;
    /// Tells which channels other brokers have of a topic that is new here; may block.
    private final Function<String, Set<String>> knownChannels;

    private final Map<String, CompletableFuture<Topic>> topics = new ConcurrentHashMap<>();
    /// Why those are out of service that could not be opened.
    private final Map<String, String> damaged = new ConcurrentHashMap<>();
    private final PublishRefusals refusals;
    private final Quota quota;
    /// Held by whoever removes ephemeral topics: those that are unused one by one, and all of them at the end.
    private final ReentrantLock ephemeral = new ReentrantLock();

    /// Runs what may wait for anything.
    private final Executor beside;

    private volatile boolean exiting;

    /// A name whose topic is being removed; never completed itself.
    private static final class Leaving extends CompletableFuture<Topic> {
        final String name;
        /// Null when the topic is out of service.
        final @Nullable Topic topic;
        /// What stands in the map when the topic stays as it is.
        final CompletableFuture<Topic> promise;

        final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();

        Leaving(String name, @Nullable Topic topic, CompletableFuture<Topic> promise) {
            this.name = name;
            this.topic = topic;
            this.promise = promise;
        }
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
        this(context, loops, dataPath, knownChannels, quota, Thread::startVirtualThread);
    }

    /// `beside` runs tasks that may wait for anything, also for the topics' loops.
    public Topics(
            TopicContext context,
            List<Loop> loops,
            Path dataPath,
            Function<String, Set<String>> knownChannels,
            Quota quota,
            Executor beside) {
        this.context = context;
        this.quota = quota;
        this.loops = List.copyOf(loops);
        this.directories = new TopicDirectories(context.files(), context.volume(), dataPath, context.shard());
        this.knownChannels = knownChannels;
        this.refusals = new PublishRefusals(context.volume());
        this.beside = beside;
    }

    public PublishRefusals refusals() {
        return refusals;
    }

    public Quota quota() {
        return quota;
    }

    /// Opens all that is stored. Not for a loop.
    public void load() throws IOException {
        for (var name : directories.load()) {
            topics.put(name, load(name));
        }
    }

    /// A topic that cannot be opened stays as it is, and nobody gets it, so that no message is lost without somebody
    /// deciding that; the others are served.
    private CompletableFuture<Topic> load(String name) {
        try {
            return CompletableFuture.completedFuture(open(name));
        } catch (CorruptBatchException damage) {
            return outOfService(
                    name, "is damaged: " + damage.getMessage(), String.valueOf(damage.getMessage()), damage);
        } catch (IOException | RuntimeException failure) {
            return outOfService(name, "cannot be opened: " + failure, String.valueOf(failure), failure);
        }
    }

    private CompletableFuture<Topic> outOfService(String name, String what, String cause, Throwable failure) {
        damaged.put(name, cause);
        LOG.atError()
                .addKeyValue("topic", name)
                .setCause(failure)
                .log("topic is out of service until its files can be opened again, or it is deleted");
        return CompletableFuture.failedFuture(new IOException("topic " + name + " " + what, failure));
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
        beside.execute(() -> {
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
        directories.make(name);
        var topic = open(name);
        if (!channels.isEmpty()) {
            makeChannels(topic, channels);
        }
        LOG.atInfo()
                .addKeyValue("topic", name)
                .addKeyValue("channels", channels.size())
                .log("topic created");
        context.listener().onTopicCreated(name);
        return topic;
    }

    private static void makeChannels(Topic topic, List<String> channels) throws IOException {
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
        var topic = Topic.open(context, this, name, directories.of(name), loop);
        loop.execute(topic::start);
        return topic;
    }

    /// Removes the topic with all its messages; false when there is none. Blocks.
    public boolean delete(String name) throws IOException {
        return deleteIf(name, _ -> true);
    }

    /// Likewise, unless the topic is not as it is wanted when no message can come any more; asked on its loop. One that
    /// is out of service is not asked about.
    public boolean deleteIf(String name, Condition condition) throws IOException {
        try {
            return deletion(name, condition).join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException io) {
                throw io;
            }
            throw failure;
        }
    }

    /// Begins [#deleteIf].
    public CompletableFuture<Boolean> deletion(String name, Condition condition) {
        var promise = topics.get(name);
        if (promise instanceof Leaving earlier) {
            return earlier.gone.thenCompose(_ -> deletion(name, condition));
        }
        var topic = find(name);
        if (promise == null || (topic == null && !damaged.containsKey(name))) {
            return CompletableFuture.completedFuture(false);
        }
        var failure = context.volume().failure();
        if (failure != null) {
            return CompletableFuture.failedFuture(new IOException(failure));
        }
        var leaving = new Leaving(name, topic, promise);
        if (!topics.replace(name, promise, leaving)) {
            return deletion(name, condition);
        }
        CompletableFuture<Boolean> closed =
                topic == null ? CompletableFuture.completedFuture(true) : call(topic, () -> closes(topic, condition));
        // The topic's last tasks on these threads name files by their paths, which the next topic of that name has as
        // well: they have ended before it is made.
        return closed.thenApplyAsync(Function.identity(), context.flushing())
                .thenApplyAsync(Function.identity(), context.blocking())
                .handleAsync((isClosed, problem) -> remove(leaving, isClosed, problem), beside);
    }

    /// Closes the topic, unless it is not as it is wanted. On its loop.
    private boolean closes(Topic topic, Condition condition) throws IOException {
        if (!condition.holds(topic)) {
            return false;
        }
        try {
            topic.close();
        } catch (IOException failure) {
            context.volume().fail(failure);
            throw failure;
        }
        return true;
    }

    private boolean remove(Leaving leaving, @Nullable Boolean isClosed, @Nullable Throwable problem) {
        var name = leaving.name;
        CompletableFuture<Topic> staying = null;
        try {
            if (problem != null) {
                throw problem instanceof CompletionException wrapped ? wrapped : new CompletionException(problem);
            }
            if (!Boolean.TRUE.equals(isClosed)) {
                staying = leaving.promise;
                return false;
            }
            directories.remove(name);
            damaged.remove(name);
        } catch (IOException failure) {
            staying = stays(leaving, failure);
            throw new CompletionException(failure);
        } catch (CompletionException failure) {
            staying = stays(leaving, failure);
            throw failure;
        } finally {
            if (staying == null) {
                topics.remove(name, leaving);
            } else {
                topics.replace(name, leaving, staying);
            }
            leaving.gone.complete(null);
        }
        LOG.atInfo().addKeyValue("topic", name).log("topic deleted");
        context.listener().onTopicDeleted(name);
        return true;
    }

    /// A topic that could not be removed is served again where that is possible.
    private CompletableFuture<Topic> stays(Leaving leaving, Exception failure) {
        if (leaving.topic == null || !leaving.topic.isClosed()) {
            return leaving.promise;
        }
        if (exiting || context.volume().failure() != null) {
            return outOfService(leaving.name, "is not deleted: " + failure, String.valueOf(failure), failure);
        }
        return load(leaving.name);
    }

    /// An ephemeral topic lost its last channel, so it goes as well, unless it has one again by then. On its loop.
    void onUnused(Topic topic) {
        beside.execute(() -> {
            ephemeral.lock();
            try {
                if (!exiting && find(topic.name()) == topic) {
                    deleteIf(topic.name(), unused -> !unused.hasChannels());
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

    /// Runs on the topic's loop and waits for it; IO failures and refused arguments come back as they were thrown.
    public static <T extends @Nullable Object> T onLoop(Topic topic, Question<T> question) throws IOException {
        try {
            return call(topic, question).join();
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

    private static <T extends @Nullable Object> CompletableFuture<T> call(Topic topic, Question<T> question) {
        return topic.loop().call(() -> {
            try {
                return question.ask();
            } catch (IOException failure) {
                throw new CompletionException(failure);
            }
        });
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

    /// Whether a topic is as it is wanted; asked on its loop.
    @FunctionalInterface
    public interface Condition {
        boolean holds(Topic topic) throws IOException;
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
                closing.then(() -> onLoop(topic, () -> closes(topic, _ -> true)));
            }
            closing.then(directories::clearEphemeral).end();
        } finally {
            ephemeral.unlock();
        }
    }
}
