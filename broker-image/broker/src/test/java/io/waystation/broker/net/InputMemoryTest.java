package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// `-Dtest.jvm=-Dmemory.seed=N` repeats a seed.
class InputMemoryTest {
    private static final long LIMIT = 1000;
    private static final int SEEDS = 200;
    private static final int STEPS = 500;

    private final InputMemory memory = new InputMemory(LIMIT);
    private final List<String> told = new ArrayList<>();

    private final class Named implements InputMemory.Waiter {
        final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public void onRoom() {
            told.add(name + " has room");
        }

        @Override
        public void onTurn() {
            told.add(name + " has the turn");
        }
    }

    private final Named first = new Named("first");
    private final Named second = new Named("second");
    private final Named third = new Named("third");

    @Test
    void belowTheBoundEverybodyIsRead() {
        memory.change(LIMIT - 1);

        assertThat(memory.ask(first)).isEqualTo(InputMemory.Verdict.YES);
        assertThat(memory.ask(second)).isEqualTo(InputMemory.Verdict.YES);
    }

    @Test
    void atTheBoundOneHasTheTurnAndLeavesItToTheNext() {
        memory.change(LIMIT);
        assertThat(memory.ask(first)).isEqualTo(InputMemory.Verdict.IN_ITS_TURN);
        assertThat(memory.ask(second)).isEqualTo(InputMemory.Verdict.NO);
        assertThat(memory.waitingCount()).isEqualTo(1);

        memory.leave(first);

        assertThat(told).containsExactly("second has the turn");
        assertThat(memory.waitingCount()).isZero();
        assertThat(memory.stallCount()).isEqualTo(1);
    }

    @Test
    void theTurnGoesToWhoWaitsShortest() {
        memory.change(LIMIT);
        memory.ask(first);
        memory.ask(second);
        memory.ask(third);

        memory.leave(first);
        memory.leave(third);

        assertThat(told).containsExactly("third has the turn", "second has the turn");
    }

    @Test
    void roomGoesToWhoWaitsLongest() {
        memory.change(LIMIT);
        memory.ask(first);
        memory.ask(second);
        memory.ask(third);

        memory.change(-LIMIT / 2);

        assertThat(told).containsExactly("second has room");
        memory.change(-1);
        assertThat(told).containsExactly("second has room", "third has room");
    }

    private enum State {
        READING,
        IN_ITS_TURN,
        WAITING
    }

    /// A connection that reads, runs its command, or ends, whenever chance has it.
    private final class Peer implements InputMemory.Waiter {
        State state = State.READING;
        long held;

        @Override
        public void onRoom() {
            assertThat(state).isEqualTo(State.WAITING);
            state = State.READING;
        }

        @Override
        public void onTurn() {
            assertThat(state).isEqualTo(State.WAITING);
            state = State.IN_ITS_TURN;
        }

        void read(long bytes) {
            hold(held + bytes);
            if (state == State.READING) {
                state = switch (memory.ask(this)) {
                    case YES -> State.READING;
                    case IN_ITS_TURN -> State.IN_ITS_TURN;
                    case NO -> State.WAITING;
                };
            }
        }

        void complete() {
            state = State.READING;
            memory.leave(this);
            hold(0);
        }

        private void hold(long bytes) {
            memory.change(bytes - held);
            held = bytes;
        }
    }

    @Test
    void neverDoAllWaitAndTheSumStaysNearTheBound() {
        for (long seed = Long.getLong("memory.seed", 0), end = seed + SEEDS; seed < end; seed++) {
            var random = new SplittableRandom(seed);
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                peers.add(new Peer());
            }
            for (int step = 0; step < STEPS; step++) {
                step(peers.get(random.nextInt(peers.size())), random);

                assertThat(peers).as("seed %d", seed).anyMatch(peer -> peer.state != State.WAITING);
                assertThat(peers.stream().filter(peer -> peer.state == State.IN_ITS_TURN))
                        .as("seed %d", seed)
                        .hasSizeLessThan(2);
                assertThat(memory.heldBytes())
                        .as("seed %d", seed)
                        .isEqualTo(peers.stream().mapToLong(peer -> peer.held).sum());
            }
            peers.forEach(Peer::complete);
            assertThat(peers).as("seed %d", seed).allMatch(peer -> peer.state == State.READING);
            assertThat(memory.heldBytes()).as("seed %d", seed).isZero();
        }
    }

    private void step(Peer peer, SplittableRandom random) {
        switch (peer.state) {
            case READING -> {
                if (random.nextInt(4) == 0) {
                    peer.complete();
                } else {
                    peer.read(random.nextInt(100));
                }
            }
            case IN_ITS_TURN -> {
                if (random.nextBoolean()) {
                    peer.complete();
                } else {
                    peer.read(random.nextInt(100));
                }
            }
            case WAITING -> {
                if (random.nextInt(50) == 0) {
                    peer.complete();
                }
            }
        }
    }
}
