package io.waystation.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Shares `max_in_flight` among a consumer's connections, in RDY counts.
///
/// - Enough for all: each gets the same share, at most what its broker allows.
/// - Fewer than connections, or after a backoff, when there is one in all: they take turns with RDY 1. A turn
///   ends after `low_rdy_timeout`, or without messages after `low_rdy_idle_timeout`; next is who has waited
///   longest. What a connection still has in flight after its turn counts as taken.
/// - While a backoff waits: none.
///
/// Confined to its consumer's lock; time is passed in.
final class ReadyShares {
    /// A connection, as seen from here.
    interface Window {
        /// The highest count that its broker accepts.
        int maxReady();

        /// Tells the broker how many messages may be in flight.
        void ready(int count);
    }

    private static final class Lane {
        private final Window window;
        private int ready;
        private int inFlight;
        private long lastMessageNs;
        private long turnSinceNs;
        private long waitingSinceNs;

        Lane(Window window, long nowNs) {
            this.window = window;
            this.waitingSinceNs = nowNs;
        }

        void ready(int wanted, long nowNs) {
            int count = Math.min(wanted, window.maxReady());
            if (count == ready) {
                return;
            }
            if (ready == 0) {
                turnSinceNs = nowNs;
                lastMessageNs = nowNs;
            }
            if (count == 0) {
                waitingSinceNs = nowNs;
            }
            ready = count;
            window.ready(count);
        }
    }

    private final int maxInFlight;
    private final long idleNs;
    private final long turnNs;
    private final Backoff backoff;
    private final Map<Window, Lane> lanes = new LinkedHashMap<>();

    ReadyShares(ClientOptions options, Backoff backoff) {
        this.maxInFlight = options.maxInFlight();
        this.idleNs = options.lowRdyIdleTimeout().toNanos();
        this.turnNs = options.lowRdyTimeout().toNanos();
        this.backoff = backoff;
    }

    void add(Window window, long nowNs) {
        lanes.put(window, new Lane(window, nowNs));
        rebalance(nowNs);
    }

    void remove(Window window, long nowNs) {
        lanes.remove(window);
        rebalance(nowNs);
    }

    void onMessage(Window window, long nowNs) {
        var lane = lanes.get(window);
        if (lane != null) {
            lane.inFlight++;
            lane.lastMessageNs = nowNs;
        }
    }

    /// A message was handled well.
    void onFinished(Window window, long nowNs) {
        backoff.succeeded(nowNs);
        onReturned(window, nowNs);
    }

    /// The handler failed.
    void onFailed(Window window, long nowNs) {
        backoff.failed(nowNs);
        onReturned(window, nowNs);
    }

    /// A message is no longer in flight, which says nothing about the handler.
    void onReturned(Window window, long nowNs) {
        var lane = lanes.get(window);
        if (lane != null) {
            lane.inFlight--;
        }
        rebalance(nowNs);
    }

    /// Brings all counts up to date. Called at every event, and now and then for what only time changes.
    void rebalance(long nowNs) {
        if (backoff.remainingNs(nowNs) > 0) {
            shareEqually(0, nowNs);
        } else if (backoff.isActive()) {
            takeTurns(Math.min(maxInFlight, 1), nowNs);
        } else if (maxInFlight < lanes.size()) {
            takeTurns(maxInFlight, nowNs);
        } else if (!lanes.isEmpty()) {
            shareEqually(maxInFlight / lanes.size(), nowNs);
        }
    }

    private void shareEqually(int share, long nowNs) {
        for (var lane : lanes.values()) {
            lane.ready(share, nowNs);
        }
    }

    private void takeTurns(int turns, long nowNs) {
        int free = turns;
        for (var lane : lanes.values()) {
            boolean goesOn = lane.ready > 0 && free > 0 && !(lanes.size() > turns && turnIsOver(lane, nowNs));
            lane.ready(goesOn ? 1 : 0, nowNs);
            free -= goesOn ? 1 : lane.inFlight;
        }
        for (var next = longestWaiting(); next != null && free > 0; next = longestWaiting()) {
            next.ready(1, nowNs);
            free--;
        }
    }

    private boolean turnIsOver(Lane lane, long nowNs) {
        boolean idle = lane.inFlight == 0 && nowNs - lane.lastMessageNs > idleNs;
        return idle || nowNs - lane.turnSinceNs > turnNs;
    }

    private @Nullable Lane longestWaiting() {
        Lane longest = null;
        for (var lane : lanes.values()) {
            if (lane.ready == 0 && (longest == null || lane.waitingSinceNs - longest.waitingSinceNs < 0)) {
                longest = lane;
            }
        }
        return longest;
    }

    /// How long until a backoff ends; 0 when none waits.
    long backoffRemainingNs(long nowNs) {
        return backoff.remainingNs(nowNs);
    }
}
