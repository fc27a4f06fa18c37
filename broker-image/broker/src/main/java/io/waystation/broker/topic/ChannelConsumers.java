package io.waystation.broker.topic;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The consumers of a channel. Confined to its topic's loop.
final class ChannelConsumers {
    /// In the order of their owner numbers, of which none is used again.
    private final List<Consumer> all = new ArrayList<>();
    /// Those that take messages: all but the ones that said CLS.
    private final List<Consumer> takers = new ArrayList<>();
    private int lastOwner;

    List<Consumer> all() {
        return all;
    }

    List<Consumer> takers() {
        return takers;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /// The number of the consumer that comes next.
    int nextOwner() {
        return ++lastOwner;
    }

    void add(Consumer consumer) {
        all.add(consumer);
        takers.add(consumer);
    }

    /// It takes nothing more; false when it did not before.
    boolean stopsTaking(Consumer consumer) {
        return takers.remove(consumer);
    }

    boolean remove(Consumer consumer) {
        return all.remove(consumer);
    }

    @Nullable Consumer find(int owner) {
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            var found = all.get(middle);
            if (found.owner == owner) {
                return found;
            }
            if (found.owner < owner) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /// Nobody holds anything any more.
    void onCursorMoved() {
        for (var consumer : all) {
            consumer.inFlightCount = 0;
        }
    }

    void onPaused() {
        for (var consumer : all) {
            consumer.output().onStarved();
        }
    }

    void onChannelClosed() {
        for (var consumer : List.copyOf(all)) {
            consumer.output().onChannelClosed();
        }
    }
}
