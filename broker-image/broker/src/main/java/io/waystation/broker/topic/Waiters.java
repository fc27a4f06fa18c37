package io.waystation.broker.topic;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Who waits for the open batch to be stored, in the order of the publishes. Takes no room until somebody does,
/// grows to the largest pass and keeps that size: a pass is bounded by what the loop's connections may read in it.
final class Waiters {
    private static final int SMALLEST = 2;
    private static final @Nullable PublishWaiter[] NOBODY = {};
    private static final int[] NO_TICKETS = {};

    private @Nullable PublishWaiter[] waiters = NOBODY;
    private int[] tickets = NO_TICKETS;
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    void add(PublishWaiter waiter, int ticket) {
        if (count == tickets.length) {
            int capacity = Math.max(SMALLEST, 2 * count);
            waiters = Arrays.copyOf(waiters, capacity);
            tickets = Arrays.copyOf(tickets, capacity);
        }
        waiters[count] = waiter;
        tickets[count] = ticket;
        count++;
    }

    /// Those here wait behind those there.
    void moveTo(Waiters target) {
        for (int i = 0; i < count; i++) {
            target.add(take(i), tickets[i]);
        }
        count = 0;
    }

    void stored() {
        int stored = count;
        count = 0;
        for (int i = 0; i < stored; i++) {
            take(i).onPublished(tickets[i]);
        }
    }

    void failed(String cause) {
        int failed = count;
        count = 0;
        for (int i = 0; i < failed; i++) {
            take(i).onPublishFailed(tickets[i], cause);
        }
    }

    private PublishWaiter take(int index) {
        var waiter = Objects.requireNonNull(waiters[index]);
        waiters[index] = null;
        return waiter;
    }
}
