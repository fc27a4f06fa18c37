package io.waystation.broker.net;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What costs much while it is under way, so that a bounded number is at once and others wait for their turn, in order.
/// Safe from any thread: a lock around who waits.
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    /// One that has to wait; equal to itself only.
    interface Waiter {
        /// It is its turn, until it leaves; told from any thread.
        void onTurn();
    }

    private final String what;
    private final int limit;

    private final ReentrantLock lock = new ReentrantLock();
    /// Changed with the lock held, as is `waiting`.
    private final Set<Waiter> underWay = new HashSet<>();

    private final SequencedSet<Waiter> waiting = new LinkedHashSet<>();
    private volatile int underWayCount;
    private volatile int waitingCount;

    /// @param what is said in the log
    Turns(String what, int limit) {
        this.what = what;
        this.limit = limit;
    }

    int underWayCount() {
        return underWayCount;
    }

    int waitingCount() {
        return waitingCount;
    }

    /// Asks for a turn, which may come at once.
    void ask(Waiter waiter) {
        boolean hasTurn;
        boolean first;
        lock.lock();
        try {
            hasTurn = underWay.size() < limit;
            first = !hasTurn && waiting.isEmpty();
            var set = hasTurn ? underWay : waiting;
            set.add(waiter);
            count();
        } finally {
            lock.unlock();
        }
        if (hasTurn) {
            waiter.onTurn();
        } else if (first) {
            LOG.atWarn()
                    .addKeyValue("what", what)
                    .addKeyValue("limit", limit)
                    .log("as many as may be at once: others wait");
        }
    }

    /// It is done, or waits no longer; a second time nothing happens.
    void leave(Waiter waiter) {
        Waiter next = null;
        lock.lock();
        try {
            if (!waiting.remove(waiter) && underWay.remove(waiter) && !waiting.isEmpty()) {
                next = waiting.removeFirst();
                underWay.add(next);
            }
            count();
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.onTurn();
        }
    }

    private void count() {
        underWayCount = underWay.size();
        waitingCount = waiting.size();
    }
}
