package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The broker's topics made, used, deleted and made again under the same names at random, on a disk that fails, with
/// the process killed or cut off from power in the middle of any disk operation. What a topic acknowledged stays until
/// somebody asks for its deletion, and after a deletion that was acknowledged nothing of it returns.
final class TopicsSimulation {
    /// Two of one loop with much to do, and one whose directory has another name.
    private static final List<String> NAMES = List.of("orders", "bills", "..");

    private static final int STEPS = 200;
    /// So far apart are the ids of two lives.
    private static final long IDS = 1_000_000;

    private final SplittableRandom random;
    private final TopicsWorld world;
    private final Map<String, TopicLife> lives = new TreeMap<>();
    /// Asked for and not answered yet.
    private final Set<String> obtaining = new HashSet<>();
    /// Asked for and never had: they may be there or not.
    private final Set<String> mayBeThere = new HashSet<>();

    private long lifeCount;

    TopicsSimulation(long seed) throws IOException {
        this(seed, files -> files);
    }

    /// `build` stands between the broker and its world.files.
    TopicsSimulation(long seed, UnaryOperator<FileStore> build) throws IOException {
        random = new SplittableRandom(seed);
        world = new TopicsWorld(
                random,
                build,
                LogSettings.defaults().withTailBytes(4096).withSegmentBytes(300 + random.nextInt(3_000)),
                new TopicSettings(
                        random.nextBoolean() ? Flush.DISK : Flush.OS,
                        Retention.CONSUMED,
                        3_600_000,
                        1 << 20,
                        1_000_000_000));
        world.open();
    }

    void run() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            attempt();
            if (world.volume.failure() != null && random.nextInt(5) == 0) {
                restart(false);
            }
        }
        restart(random.nextBoolean());
        removeAll();
    }

    private void attempt() throws IOException {
        try {
            step();
            if (world.files.crash() == null) {
                check();
            }
        } catch (FaultyFiles.Crash ended) {
            // as below
        } catch (IOException refused) {
            if (!world.isFaulty()) {
                throw refused;
            }
        }
        var crash = world.files.crash();
        if (crash != null) {
            restart(crash.powerLost());
        }
    }

    private void step() throws IOException {
        world.owner.begin();
        var name = NAMES.get(random.nextInt(NAMES.size()));
        int dice = random.nextInt(100);
        if (dice < 35) {
            publish(name);
        } else if (dice < 42) {
            consume(name);
        } else if (dice < 55) {
            lives.values().forEach(TopicLife::answer);
        } else if (dice < 62) {
            delete(name);
        } else if (dice < 65) {
            replace(name);
        } else if (dice < 80) {
            runBeside();
        } else if (dice < 86) {
            world.loop.pass(random.nextInt(3_000));
        } else if (dice < 90) {
            world.loop.settle();
        } else if (dice < 94) {
            failSomething();
        } else {
            world.files.crashWithin(1 + random.nextInt(40), random.nextInt(2) == 0);
        }
        if (random.nextInt(4) > 0) {
            world.loop.runTasks();
        }
    }

    private void failSomething() {
        int dice = random.nextInt(4);
        if (dice == 0) {
            world.files.fail();
        } else if (dice == 1) {
            world.files.failSyncsForWantOfRoom();
        } else if (dice == 2) {
            world.files.failRemovals();
        } else {
            world.files.full(!world.files.isFull());
            if (!world.files.isFull()) {
                world.volume.full(null);
            }
        }
    }

    private void runBeside() {
        world.loop.runBeside(List.of(world.loop.flushing, world.loop.sealing, world.loop.waiting)
                .get(random.nextInt(3)));
    }

    // ---- asking

    private void publish(String name) {
        var life = lives.get(name);
        if (life == null || world.topics.find(name) == null) {
            obtain(name);
        }
        if (life != null) {
            // Also when it is on its way out, or closed already: somebody may still have it.
            life.publish(world.loop.wallMs());
        }
    }

    private void consume(String name) throws IOException {
        var life = lives.get(name);
        if (life != null && !life.topic().isClosed()) {
            life.join();
        }
    }

    private void obtain(String name) {
        if (!obtaining.add(name)) {
            return;
        }
        mayBeThere.add(name);
        var process = world.topics;
        var _ = world.topics.obtain(name).whenComplete((topic, failure) -> {
            if (process != world.topics) {
                return;
            }
            obtaining.remove(name);
            if (topic != null) {
                obtained(topic);
            } else {
                assertThat(world.isFaulty() || world.files.crash() != null)
                        .as("%s: %s", name, failure)
                        .isTrue();
            }
        });
    }

    private void obtained(Topic topic) {
        if (!lives.containsKey(topic.name())) {
            meet(topic);
        }
    }

    private TopicLife meet(Topic topic) {
        var life = new TopicLife(topic, random, ++lifeCount * IDS);
        mayBeThere.remove(topic.name());
        lives.put(topic.name(), life);
        return life;
    }

    private void delete(String name) {
        var life = lives.get(name);
        var process = world.topics;
        if (life != null) {
            life.mayBeDeleted = true;
        }
        var _ = world.topics.deletion(name, _ -> true).whenComplete((isDeleted, failure) -> {
            if (process != world.topics || world.files.crash() != null) {
                return;
            }
            if (failure != null) {
                assertThat(world.isFaulty()).as("%s: %s", name, failure).isTrue();
            } else if (isDeleted && life != null) {
                life.deleted();
                lives.remove(name, life);
            }
        });
    }

    /// A young topic goes and another comes at once, while the threads beside the loop still work for the first.
    private void replace(String name) {
        publish(name);
        world.loop.runTasks();
        publish(name);
        delete(name);
        for (int i = 0; i < 10; i++) {
            world.loop.runTasks();
            runBeside();
            publish(name);
        }
    }

    // ---- what is there

    private void check() throws IOException {
        for (var name : NAMES) {
            var topic = world.topics.find(name);
            var life = lives.get(name);
            if (topic == null) {
                assertThat(life == null || life.mayBeDeleted)
                        .as("%s is there", name)
                        .isTrue();
                continue;
            }
            if (life == null) {
                throw new AssertionError(name + " is there, and nobody asked for it");
            }
            if (life.topic() != topic) {
                // Its deletion failed.
                assertThat(world.isFaulty()).isTrue();
                life.reopened(topic, false);
            }
            life.check();
        }
    }

    private void restart(boolean firstPowerLost) throws IOException {
        boolean powerLost = firstPowerLost;
        boolean isOpen = false;
        while (!isOpen) {
            if (powerLost) {
                world.files.losePower();
            } else {
                world.files.kill();
            }
            if (random.nextInt(5) == 0) {
                world.files.crashWithin(1 + random.nextInt(40), random.nextInt(2) == 0);
            }
            obtaining.clear();
            try {
                world.open();
                isOpen = !world.files.isFull() || world.topics.damaged().isEmpty();
                world.files.full(false);
            } catch (FaultyFiles.Crash again) {
                powerLost |= again.powerLost();
            } catch (IOException refused) {
                if (!world.files.isFull()) {
                    throw refused;
                }
                world.files.full(false);
            }
        }
        world.files.crashNever();
        assertThat(world.topics.damaged()).isEmpty();
        for (var name : NAMES) {
            reopened(name, world.topics.find(name), powerLost);
        }
        mayBeThere.clear();
        assertThat(world.files.list(TopicsWorld.DIRECTORY))
                .as("directories")
                .hasSameSizeAs(lives.keySet())
                .noneMatch(entry -> entry.startsWith("~"));
        world.loop.runTasks();
    }

    private void reopened(String name, @Nullable Topic topic, boolean powerLost) throws IOException {
        var life = lives.get(name);
        if (topic == null) {
            assertThat(life == null || life.mayBeDeleted)
                    .as("%s is there", name)
                    .isTrue();
            lives.remove(name);
        } else if (life == null) {
            assertThat(mayBeThere).as("names that may be there").contains(name);
            meet(topic).check();
        } else {
            life.reopened(topic, powerLost);
        }
    }

    /// In the end nothing is left on the disk.
    private void removeAll() throws IOException {
        for (var name : NAMES) {
            delete(name);
        }
        world.loop.settle();
        assertThat(lives).isEmpty();
        restart(true);
        assertThat(world.topics.all()).isEmpty();
    }
}
