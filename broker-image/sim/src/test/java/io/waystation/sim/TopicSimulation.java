package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.Topic;
import io.waystation.log.FileStore;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The broker's own topic on a simulated loop and a disk that fails: used at random by producers,
/// consumers and operators, killed or cut off from power in the middle of any disk operation, given
/// errors of the device, a full disk and turned bits. After each step what is there is compared with
/// what was acknowledged.
final class TopicSimulation {
    private static final int STEPS = 250;
    /// More than any simulation takes to drain.
    private static final int DRAIN_ROUNDS = 2_000;
    /// Within this time the broker has tried again what found the disk full.
    private static final long RETRY_MS = 1_100;

    private final TopicWorld world;
    private final SplittableRandom random;
    private final TopicProducers producers;
    private final TopicConsumers consumers;
    private final TopicOperators operators;

    private long fullUntilMs = Long.MIN_VALUE / 2;
    private boolean bitFlipped;
    private boolean cut;

    TopicSimulation(long seed) throws IOException {
        this(seed, files -> files);
    }

    /// `build` stands between the broker and its files.
    TopicSimulation(long seed, UnaryOperator<FileStore> build) throws IOException {
        world = new TopicWorld(seed, build);
        random = world.random;
        producers = new TopicProducers(world);
        consumers = new TopicConsumers(world);
        operators = new TopicOperators(world, consumers);
    }

    void run() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            try {
                step();
                check();
                if (world.volume.failure() != null && random.nextInt(5) == 0) {
                    restart(false, false);
                }
            } catch (FaultyFiles.Crash crash) {
                restart(crash.powerLost(), false);
            } catch (IOException refused) {
                if (!world.isFaulty()) {
                    throw refused;
                }
            }
        }
        for (int flips = random.nextInt(4); flips > 0 && !bitFlipped; flips--) {
            turnABit();
        }
        try {
            drain();
        } catch (IOException unreadable) {
            if (!bitFlipped) {
                throw unreadable;
            }
        }
    }

    private void step() throws IOException {
        world.owner.begin();
        int dice = random.nextInt(100);

        if (dice < 20) {
            producers.publish();
        } else if (dice < 26) {
            producers.publishOne(random.nextInt(4) == 0 ? random.nextLong(400_000) : random.nextLong(3_000));
        } else if (dice < 31) {
            producers.publishOne(0);
        } else if (dice < 49) {
            pass();
        } else if (dice < 63) {
            consumers.answer();
        } else if (dice < 72) {
            world.loop.runBeside(random.nextBoolean() ? world.loop.flushing : world.loop.sealing);
        } else if (dice < 75) {
            world.loop.settle();
        } else if (dice < 77) {
            quiet();
        } else if (dice < 81) {
            consumers.joinOrLeave();
        } else if (dice < 92) {
            operators.step();
        } else if (dice < 93) {
            fillDisk();
        } else if (dice < 94) {
            failDevice();
        } else if (dice < 95) {
            restartInOrder();
        } else {
            world.files.crashWithin(1 + random.nextInt(25), random.nextInt(2) == 0);
        }
        if (random.nextInt(4) > 0) {
            world.loop.runTasks();
        }
    }

    private void pass() {
        if (random.nextInt(40) == 0) {
            // Keys count by wall time.
            producers.newKeys();
            world.loop.stepWall(random.nextLong(-200_000, 1_000_000));
        }
        world.loop.pass(random.nextInt(150));
    }

    /// Nobody does anything for longer than cursors wait to be written, and the disk comes to rest.
    private void quiet() {
        world.loop.runTasks();
        world.loop.pass(2 * SimChannel.CURSOR_INTERVAL_MS);
        boolean isTriedAgain = world.loop.monotonicMs() - RETRY_MS >= fullUntilMs;
        world.loop.settle();
        if (world.isDisk() && world.volume.failure() == null && !world.files.isFull() && isTriedAgain) {
            world.channels.values().forEach(SimChannel::flushed);
        }
    }

    private void fillDisk() {
        world.files.full(!world.files.isFull());
        if (!world.files.isFull()) {
            fullUntilMs = world.loop.monotonicMs();
            world.volume.full(null);
        }
        world.channels.values().forEach(SimChannel::uncertain);
    }

    private void failDevice() {
        if (random.nextInt(3) == 0) {
            world.files.failSyncsForWantOfRoom();
        } else {
            world.files.fail();
        }
        world.channels.values().forEach(SimChannel::uncertain);
    }

    // The end of the process and another beginning

    private void restartInOrder() throws IOException {
        if (world.isFaulty()) {
            restart(false, false);
            return;
        }
        world.topic.close();
        restart(false, world.volume.failure() == null);
    }

    private void restart(boolean firstPowerLost, boolean inOrder) throws IOException {
        boolean powerLost = firstPowerLost;

        consumers.lost();
        if (world.isFaulty()) {
            world.channels.values().forEach(SimChannel::uncertain);
        }
        while (true) {
            if (powerLost) {
                world.files.losePower();
            } else {
                world.files.kill();
            }
            if (random.nextInt(5) == 0) {
                world.files.crashWithin(1 + random.nextInt(25), random.nextInt(2) == 0);
            }
            try {
                world.open();
                break;
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
        reopened(powerLost, inOrder);
    }

    private void reopened(boolean powerLost, boolean inOrder) throws IOException {
        boolean isUnsure = powerLost || cut;
        operators.reopened(isUnsure);
        if (isUnsure) {
            world.contents.mayRepeat();
            world.ledger.forgetKeys();
            world.ledger.emptiedMayReturn();
        }
        world.contents.reopened(world.topic, isUnsure);
        world.ledger.check(world.contents.present(world.topic), isUnsure);
        if (cut) {
            reopenedCut();
        } else {
            reopenChannels(powerLost, inOrder);
        }
        operators.checkReopened(isUnsure);
        world.topic.start();
    }

    /// What a turned bit made unreadable was cut off, which was reported; what is left must be right.
    /// What was acknowledged under flush disk is never cut off: each bit is turned after a start that
    /// has ended, so no power loss has taken the mark that tells it from a torn end.
    private void reopenedCut() throws IOException {
        world.ledger.excuse(world.contents.present(world.topic));
        world.channels.keySet().retainAll(world.topic.channelNames());
        for (var known : world.channels.values()) {
            known.uncertain();
            known.lostPower(world.topic.stats(world.channel(known), false));
        }
        meetChannels(true);
        cut = false;
    }

    private void reopenChannels(boolean powerLost, boolean inOrder) throws IOException {
        var names = Set.copyOf(world.topic.channelNames());
        for (var known : List.copyOf(world.channels.values())) {
            if (!names.contains(known.name)) {
                assertThat(known.mayBeDeleted || (powerLost && !known.durable))
                        .as("channel %s may be lost", known.name)
                        .isTrue();
                world.channels.remove(known.name);
                continue;
            }
            reopenChannel(known, powerLost, inOrder);
        }
        meetChannels(powerLost);
    }

    private void meetChannels(boolean powerLost) throws IOException {
        for (var name : world.topic.channelNames()) {
            if (!world.channels.containsKey(name)) {
                // Its creation was not answered any more, or its deletion was lost.
                var channel = world.topic.obtainChannel(name);
                var found =
                        new SimChannel(name, world.topic.stats(channel, false).floor());
                if (powerLost) {
                    mayBeAnother(found);
                }
                found.paused = channel.isPaused();
                world.channels.put(name, found);
            }
        }
    }

    /// A channel of that name is there that was deleted before; what it had then nobody knows.
    private void mayBeAnother(SimChannel found) {
        found.startOffset = world.contents.scannedEnd();
        found.handled.addAll(world.ledger.deferred());
        found.mayPassOverDeferred = true;
    }

    private void reopenChannel(SimChannel known, boolean powerLost, boolean inOrder) {
        var stats = world.topic.stats(world.channel(known), false);
        if (powerLost) {
            known.lostPower(stats);
            if (known.isAnew && !known.durable) {
                mayBeAnother(known);
            }
        } else {
            known.reopened(stats, world.bounded);
            if (!inOrder) {
                known.killed(stats, world.loop.monotonicMs());
            }
        }
        if (world.bounded) {
            // The channel may have been led over what was then not deleted any more.
            known.startOffset = Math.max(known.startOffset, stats.floor());
        }
    }

    // What is there

    private void check() throws IOException {
        var topic = world.topic;
        if (world.volume.failure() != null && !world.files.isFailing()) {
            assertThat(world.volume.failure()).as("want of room is no failure").doesNotContainIgnoringCase("no space");
        }
        long earliest = topic.earliestOffset();
        if (earliest > world.contents.scannedEnd()) {
            boolean passedOver = world.channels.values().stream().anyMatch(channel -> channel.mayPassOverDeferred);
            assertThat(world.bounded || passedOver)
                    .as("deleted before it was consumed")
                    .isTrue();
            world.ledger.excuse(world.contents.present(topic));
            world.contents.passed(earliest);
        }
        world.contents.scan(topic);
        operators.check();
        for (var known : world.channels.values()) {
            var stats = topic.stats(world.channel(known), false);
            if (world.bounded && world.volume.failure() != null) {
                known.expired(stats);
            }
            known.check(stats, earliest, world.bounded, world.loop.monotonicMs());
        }
    }

    // The end

    /// With one bit turned over the broker says so or serves what it served; it never serves anything else.
    private void turnABit() throws IOException {
        restart(false, false);
        world.loop.settle();
        check();
        world.files.kill();
        consumers.lost();
        world.contents.remember();

        var back = world.disk.flipBit();
        int cuts = world.files.cuts();
        bitFlipped = true;
        try {
            world.open();
            cut = world.files.cuts() > cuts;
            reopened(false, false);
        } catch (IOException refused) {
            back.run();
            bitFlipped = false;
            world.contents.recall();
            cut = world.files.cuts() > cuts;
            restart(false, false);
        }
    }

    /// Everything comes out in the end.
    private void drain() throws IOException {
        world.files.crashNever();
        world.files.full(false);
        if (world.isFaulty()) {
            restart(false, false);
        }
        world.volume.full(null);
        operators.release();
        consumers.joinAll();
        drainTo(this::isDrained);
        if (bitFlipped) {
            // A channel that stands still because of it is told so; what it had was right.
            return;
        }
        // Also what retention deleted at the last start, though nothing was left to drain then.
        check();
        world.ledger.check(world.contents.present(world.topic), false);
        for (var known : world.channels.values()) {
            world.contents.forEach((id, offset) -> {
                if (offset >= known.startOffset && !world.ledger.mayBeEmptied.contains(id)) {
                    assertThat(known.handled)
                            .as("messages that %s had (offset %d)", known.name, offset)
                            .contains(id);
                }
            });
        }
    }

    private boolean isDrained(Topic drained) {
        var stats = drained.stats(false);
        boolean isConsumed = stats.unfinished() == 0 && world.contents.scannedEnd() <= drained.latestOffset();
        return stats.deferredCount() == 0
                && (world.channels.isEmpty() || isConsumed)
                && world.loop.flushing.isEmpty()
                && world.loop.sealing.isEmpty();
    }

    private void drainTo(Predicate<Topic> end) throws IOException {
        for (int round = 0; !end.test(world.topic); round++) {
            if (bitFlipped && (round == DRAIN_ROUNDS || world.volume.failure() != null)) {
                return;
            }
            assertThat(round)
                    .as("rounds to drain: %s", world.topic.stats(false))
                    .isLessThan(DRAIN_ROUNDS);
            world.loop.pass(1 + random.nextInt(2_000));
            world.loop.settle();
            consumers.finishAll();
            check();
        }
    }
}
