package io.waystation.broker.topic;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// How many publishes were refused, and why. Safe from any thread.
public final class PublishRefusals {
    /// Why a publish is refused.
    public enum Reason {
        /// The message or the command is not one, or is larger than is allowed.
        INVALID,
        CORDONED,
        DISK_FULL,
        /// A write or a sync has failed.
        VOLUME_FAILED,
        EXITING,
        /// The topic could not be had: there are too many, or its files cannot be opened.
        TOPIC_UNAVAILABLE;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Volume volume;
    /// One for each reason; the map itself is never changed.
    private final Map<Reason, AtomicLong> counts = new EnumMap<>(Reason.class);

    PublishRefusals(Volume volume) {
        this.volume = volume;
        for (var reason : Reason.values()) {
            counts.put(reason, new AtomicLong());
        }
    }

    public void count(Reason reason) {
        counter(reason).getAndIncrement();
    }

    /// Counts a publish by the cause that its waiter was told.
    public void count(String cause) {
        count(reason(cause));
    }

    private Reason reason(String cause) {
        if (cause.equals(Topic.EXITING)) {
            return Reason.EXITING;
        }
        if (cause.equals(Volume.CORDONED)) {
            return Reason.CORDONED;
        }
        if (cause.startsWith("disk full") || cause.startsWith("disk nearly full")) {
            return Reason.DISK_FULL;
        }
        if (cause.startsWith(Topic.TOO_BIG)) {
            return Reason.INVALID;
        }
        return volume.failure() != null ? Reason.VOLUME_FAILED : Reason.TOPIC_UNAVAILABLE;
    }

    public long of(Reason reason) {
        return counter(reason).get();
    }

    private AtomicLong counter(Reason reason) {
        return Objects.requireNonNull(counts.get(reason));
    }
}
