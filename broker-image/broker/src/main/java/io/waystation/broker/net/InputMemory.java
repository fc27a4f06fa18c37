package io.waystation.broker.net;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bytes that came from clients and are in no log yet: of unfinished commands, and of what is on its way to a topic
/// of another loop. All connections together have one bound. Safe from any thread: a counter, and a lock around those
/// who wait.
///
/// At the bound a connection that has an unfinished command is read no further. All others go on, in small pieces, so
/// the sum passes the bound by one such piece a connection at most. Those who wait hold what they would have to give
/// back first, so they never wait for each other alone: one of them has the turn, and is read on.
///
/// ```
///   reading --at the bound--> waiting --room, or its turn--> reading --command complete--> reading
///                                                               `--in its turn, [#SILENT_MS] without a byte
///                                                                  or [#MAX_LOOKS] times that: closed
/// ```
///
/// Room is given to who waits longest, the turn to who waits shortest: so those who send parts of commands and then
/// nothing, however many they are, keep nobody who comes later from being served. One that fails in its turn is closed,
/// since what it has read by then would else add up.
final class InputMemory {
    static final long SILENT_MS = 1000;
    static final int MAX_LOOKS = 10;

    /// What one that may go on is likely to take.
    private static final long READ_BYTES = 128 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(InputMemory.class);

    /// Whether a connection may be read on.
    enum Verdict {
        YES,
        /// As long as it goes on with its command.
        IN_ITS_TURN,
        NO
    }

    /// One that waits; told from any thread.
    interface Waiter {
        /// There is room.
        void onRoom();

        /// There is none, but it is its turn.
        void onTurn();
    }

    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong stallCount = new AtomicLong();
    private final AtomicLong closedCount = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    /// Who waits longest comes first; changed with the lock held, as is `turn`.
    private final SequencedSet<Waiter> waiting = new LinkedHashSet<>();

    private @Nullable Waiter turn;
    private volatile int waitingCount;

    InputMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long heldBytes() {
        return heldBytes.get();
    }

    int waitingCount() {
        return waitingCount;
    }

    /// How often a connection had to wait.
    long stallCount() {
        return stallCount.get();
    }

    /// Connections that were closed, because they did not go on in their turn.
    long closedCount() {
        return closedCount.get();
    }

    boolean isTight() {
        return heldBytes.get() >= limitBytes;
    }

    /// Whether memory is worth the work of copying what is left of a buffer into a smaller one.
    boolean isPressed() {
        return heldBytes.get() >= limitBytes / 4;
    }

    /// So many bytes more are held, or fewer.
    void change(long bytes) {
        heldBytes.addAndGet(bytes);
        if (bytes < 0) {
            wake();
        }
    }

    private void wake() {
        long held = heldBytes.get();
        if (waitingCount > 0 && held < limitBytes - limitBytes / 8) {
            wake(1 + (limitBytes - held) / READ_BYTES);
        }
    }

    private void wake(long count) {
        List<Waiter> woken = new ArrayList<>();
        lock.lock();
        try {
            while (woken.size() < count && !waiting.isEmpty()) {
                woken.add(waiting.removeFirst());
            }
            waitingCount = waiting.size();
        } finally {
            lock.unlock();
        }
        woken.forEach(Waiter::onRoom);
    }

    /// Asked by a connection with an unfinished command before it is read on. After NO it waits to be told.
    Verdict ask(Waiter waiter) {
        if (!isTight()) {
            return Verdict.YES;
        }
        boolean first;
        lock.lock();
        try {
            if (turn == null) {
                turn = waiter;
                return Verdict.IN_ITS_TURN;
            }
            first = waitingCount == 0;
            waiting.add(waiter);
            waitingCount = waiting.size();
            // Whoever gave something back before the count was to be seen has told nobody.
            if (!isTight()) {
                waiting.remove(waiter);
                waitingCount = waiting.size();
                return Verdict.YES;
            }
        } finally {
            lock.unlock();
        }
        stallCount.getAndIncrement();
        if (first) {
            LOG.atWarn()
                    .addKeyValue("heldBytes", heldBytes.get())
                    .addKeyValue("limitBytes", limitBytes)
                    .log("unfinished commands reached their bound: connections wait to be read");
        }
        return Verdict.NO;
    }

    /// It waits no longer, and has no turn: its command is complete, or it is closed.
    void leave(Waiter waiter) {
        Waiter next = null;
        lock.lock();
        try {
            waiting.remove(waiter);
            if (waiter.equals(turn)) {
                next = waiting.isEmpty() ? null : waiting.removeLast();
                turn = next;
            }
            waitingCount = waiting.size();
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.onTurn();
        }
    }

    /// It did not go on in its turn and is closed.
    void onFailedTurn() {
        closedCount.getAndIncrement();
    }
}
