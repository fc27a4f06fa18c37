package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Random operations on a cursor and on its model.
///
/// `-Dcursor.seed=N` repeats one seed, `-Dcursor.seeds=N` runs so many.
final class CursorModelTest {
    private static final int STEPS = 1_000;

    @Test
    void cursorAgreesWithItsModel() {
        Long one = Long.getLong("cursor.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("cursor.seeds", 60L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/channel -am verify -Dtest=CursorModelTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dcursor.seed=" + seed,
                        e);
            }
        }
    }

    private static final class Run {
        private final SplittableRandom random;
        private final Cursor cursor;
        private final CursorModel model;
        private final int owners;
        private final int burst;
        private final int finishPercent;
        private final int maxUnfinished;
        private final long timeoutMs;
        private long nowMs;
        private int nextOwner;
        private final List<Integer> connected = new ArrayList<>();

        Run(long seed) {
            random = new SplittableRandom(seed);
            long floor = random.nextInt(100_000);
            maxUnfinished = random.nextInt(8) == 0 ? Cursor.MAX_UNFINISHED : 1 + random.nextInt(700);
            cursor = new Cursor(0, floor, maxUnfinished);
            model = new CursorModel(floor);
            owners = 1 + random.nextInt(5);
            burst = 1 + random.nextInt(60);
            finishPercent = 30 + random.nextInt(70);
            timeoutMs = 1 + random.nextLong(5_000);
            nowMs = random.nextLong(-1_000_000_000_000L, 1_000_000_000_000L);
            model.returnsFirst = random.nextInt(4) == 0;
            cursor.returnsFirst(model.returnsFirst);
            while (connected.size() < owners) {
                connected.add(++nextOwner);
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
        }

        private void step() {
            int dice = random.nextInt(1000);
            if (dice < 400) {
                deliver();
            } else if (dice < 800) {
                finishSome();
            } else if (dice < 840) {
                requeue();
            } else if (dice < 850) {
                setAside();
            } else if (dice < 890) {
                touch();
            } else if (dice < 970) {
                expire();
            } else if (dice < 980) {
                skip();
            } else if (dice < 990) {
                disconnect();
            } else if (dice < 995) {
                strangers();
            } else if (dice < 996) {
                queueInOrder();
            } else if (dice < 997) {
                dropBelow();
            } else if (dice < 999) {
                nowMs += random.nextLong(Cursor.MAX_DELAY_MS);
            } else {
                reset();
            }
        }

        private void deliver() {
            for (int i = random.nextInt(burst); i >= 0; i--) {
                long offset = takeOffset();
                if (offset < 0) {
                    return;
                }
                long deadlineMs = nowMs + timeoutMs;
                int owner = connected.get(random.nextInt(owners));
                assertThat(cursor.deliver(offset, owner, nowMs, deadlineMs))
                        .isEqualTo(model.deliver(offset, owner, nowMs, deadlineMs));
            }
        }

        private long takeOffset() {
            if (cursor.hasRedelivery() && random.nextBoolean()) {
                long offset = cursor.pollRedelivery();
                if (random.nextInt(10) == 0) {
                    cursor.putBack(offset);
                    assertThat(cursor.pollRedelivery()).isEqualTo(offset);
                }
                assertThat(offset).isEqualTo(model.redeliveries.remove());
                assertThat(cursor.attempts(offset)).isEqualTo(model.attempts(offset));
                return offset;
            }
            return cursor.stalled() ? -1 : cursor.next();
        }

        private void finishSome() {
            for (long offset : List.copyOf(model.unfinished.keySet())) {
                if (random.nextInt(100) < finishPercent) {
                    int owner = ownerOf(offset);
                    assertThat(cursor.finish(offset, owner)).isEqualTo(model.finish(offset, owner));
                }
                if (random.nextInt(burst) == 0) {
                    return;
                }
            }
        }

        private void requeue() {
            long offset = someOffset();
            int owner = ownerOf(offset);
            long dueMs = nowMs + random.nextInt(4) * random.nextLong(10_000);
            assertThat(cursor.requeue(offset, owner, nowMs, dueMs))
                    .isEqualTo(model.requeue(offset, owner, nowMs, dueMs));
        }

        /// Parks a new message or takes a queued one, and defers it or puts it back into the queue.
        private void setAside() {
            long offset = takeOffset();
            if (offset < 0) {
                return;
            }
            if (offset == cursor.next()) {
                cursor.park();
                model.park();
            }
            if (random.nextBoolean()) {
                long dueMs = nowMs + 1 + random.nextLong(10_000);
                cursor.defer(offset, nowMs, dueMs);
                model.defer(offset, dueMs);
            } else {
                cursor.putBack(offset);
                model.redeliveries.addFirst(offset);
            }
        }

        private void touch() {
            long offset = someOffset();
            int owner = ownerOf(offset);
            long maxTimeoutMs = 3 * timeoutMs;
            assertThat(cursor.touch(offset, owner, nowMs, timeoutMs, maxTimeoutMs))
                    .isEqualTo(model.touch(offset, owner, nowMs, timeoutMs, maxTimeoutMs));
        }

        private void expire() {
            nowMs += random.nextLong(2 * timeoutMs);
            TreeSet<Long> due = new TreeSet<>();
            TreeMap<Long, Integer> timedOut = new TreeMap<>();
            long backoffMs = random.nextInt(3) * random.nextLong(2 * timeoutMs);
            int deferred = 0;
            model.unfinished.forEach((offset, message) -> {
                if (message.holder != CursorModel.QUEUED && message.deadlineMs <= nowMs) {
                    if (message.holder == CursorModel.DEFERRED || backoffMs == 0) {
                        due.add(offset);
                    }
                    if (message.holder > 0) {
                        timedOut.put(offset, message.holder);
                    }
                }
            });
            if (backoffMs > 0) {
                timedOut.keySet().forEach(offset -> model.defer(offset, nowMs + backoffMs));
                deferred = timedOut.size();
            }
            int count = cursor.expire(nowMs, (offset, owner, attempts) -> {
                assertThat(timedOut.remove(offset)).isEqualTo(owner);
                assertThat(attempts).isEqualTo(model.attempts(offset));
                return backoffMs;
            });
            assertThat(timedOut).isEmpty();
            assertThat(count).isEqualTo(due.size() + deferred);
            takeQueued(due);
        }

        private void disconnect() {
            int index = random.nextInt(owners);
            int owner = connected.set(index, ++nextOwner);
            assertThat(cursor.requeueAll(owner)).isEqualTo(model.requeueAll(owner));
        }

        /// The cursor queues what expired in an order of its own, which the model takes over.
        private void takeQueued(Set<Long> due) {
            List<Long> polled = new ArrayList<>();
            int kept = model.redeliveries.size();
            for (long offset = cursor.pollRedelivery(); offset >= 0; offset = cursor.pollRedelivery()) {
                polled.add(offset);
            }
            polled.reversed().forEach(cursor::putBack);
            int came = polled.size() - kept;
            var earlier = model.returnsFirst ? polled.subList(came, polled.size()) : polled.subList(0, kept);
            var queued = model.returnsFirst ? polled.subList(0, came).reversed() : polled.subList(kept, polled.size());
            assertThat(earlier).containsExactlyElementsOf(model.redeliveries);
            assertThat(queued).containsExactlyInAnyOrderElementsOf(due);
            queued.forEach(model::queue);
        }

        /// Everything comes back, and what is not deferred is queued in order of offsets.
        private void queueInOrder() {
            for (int i = 0; i < owners; i++) {
                assertThat(cursor.requeueAll(connected.get(i))).isEqualTo(model.requeueAll(connected.get(i)));
            }
            cursor.queueInOrder();
            model.queueInOrder();
        }

        /// The log gave up what is below an offset.
        private void dropBelow() {
            long offset = cursor.floor() + random.nextInt(2_000);
            assertThat(cursor.dropBelow(offset)).isEqualTo(model.dropBelow(offset));
        }

        private void skip() {
            if (random.nextBoolean() && cursor.hasRedelivery()) {
                long offset = cursor.pollRedelivery();
                model.redeliveries.remove();
                cursor.skip(offset);
                model.skip(offset);
            }
            for (int i = random.nextInt(burst); i >= 0; i--) {
                model.skip(cursor.next());
                cursor.skip(cursor.next());
            }
        }

        private void strangers() {
            long offset = cursor.floor() - 10 + random.nextInt(2_000);
            int owner = 1 + random.nextInt(nextOwner);
            if (offset >= 0) {
                assertThat(cursor.finish(offset, owner)).isEqualTo(model.finish(offset, owner));
            }
        }

        private void reset() {
            long offset = random.nextInt(200_000);
            int generation = cursor.generation();
            cursor.seek(offset);
            model.reset(offset);
            assertThat(cursor.generation()).isEqualTo(generation % 63 + 1);
        }

        private long someOffset() {
            if (model.unfinished.isEmpty() || random.nextInt(10) == 0) {
                return Math.max(0, cursor.floor() - 5) + random.nextInt(50);
            }
            long from = model.floor() + random.nextLong(cursor.next() - model.floor());
            Long found = model.unfinished.ceilingKey(from);
            return found == null ? model.floor() : found;
        }

        private int ownerOf(long offset) {
            CursorModel.Message message = model.unfinished.get(offset);
            return message == null || message.holder <= 0 || random.nextInt(50) == 0 ? nextOwner : message.holder;
        }

        private void check() {
            assertThat(cursor.floor()).isEqualTo(model.floor());
            assertThat(cursor.next()).isEqualTo(model.next);
            assertThat(cursor.inFlightCount()).isEqualTo(model.inFlight());
            assertThat(cursor.queuedCount()).isEqualTo(model.count(CursorModel.QUEUED));
            assertThat(cursor.deferredCount()).isEqualTo(model.count(CursorModel.DEFERRED));
            assertThat(cursor.unfinishedCount(model.next + 7)).isEqualTo(model.unfinished.size() + 7);
            assertThat(cursor.depth(model.next + 7)).isEqualTo(model.count(CursorModel.QUEUED) + 7);
            assertThat(cursor.hasRedelivery()).isEqualTo(!model.redeliveries.isEmpty());
            assertThat(cursor.stalled()).isEqualTo(model.unfinished.size() >= maxUnfinished);
            assertThat(cursor.nextDeadlineMs()).isLessThanOrEqualTo(Math.max(nowMs, model.nextDeadlineMs()));
            checkScan();
            CursorValidity.check(cursor);
        }

        /// A scan in steps of any size finds what the model holds, and stops where it is told to.
        private void checkScan() {
            long from = cursor.floor() + random.nextInt(4);
            var expected = new ArrayList<String>();
            model.unfinished
                    .tailMap(from)
                    .forEach(
                            (offset, message) -> expected.add(offset + " " + message.state() + " " + message.attempts));
            int limit = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE;
            int slots = 1 + random.nextInt(500);
            var found = new ArrayList<String>();

            long at = from;
            while (at < cursor.next() && found.size() < limit) {
                at = UnfinishedScan.run(cursor, at, slots, (offset, state, attempts) -> {
                    found.add(offset + " " + state + " " + attempts);
                    return found.size() < limit;
                });
            }

            assertThat(found).isEqualTo(expected.subList(0, Math.min(limit, expected.size())));
        }
    }
}
