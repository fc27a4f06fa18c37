package io.waystation.broker.topic;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state of the disk under the data directory, and whether the broker takes messages at all. Safe from any thread:
/// one immutable state, replaced as a whole, so that whoever looks sees one moment of it.
public final class Volume {
    /// Why a cordoned broker refuses, as producers read it.
    public static final String CORDONED = "cordoned";

    /// How every refusal for want of space begins, as the log's own does.
    public static final String DISK_FULL = "disk full: ";

    private static final Logger LOG = LoggerFactory.getLogger(Volume.class);

    private record State(@Nullable String failure, @Nullable String full, boolean cordoned) {
        /// What fails after the first failure follows from it.
        State failed(String cause) {
            return failure == null ? new State(cause, full, cordoned) : this;
        }

        @Nullable String refusal() {
            if (failure != null) {
                return failure;
            }
            return cordoned ? CORDONED : full;
        }
    }

    private final AtomicReference<State> state = new AtomicReference<>(new State(null, null, false));

    /// A write or sync failed: nothing on this volume is acknowledged any more, until the process starts anew on a disk
    /// that works. Linux marks pages clean after a failed sync, so a later success would prove nothing.
    public void fail(Throwable cause) {
        var text = String.valueOf(cause.getMessage());
        var before = state.getAndUpdate(now -> now.failed(text));
        if (before.failure() == null) {
            LOG.atError().setCause(cause).log("volume failed: nothing more is acknowledged");
        }
    }

    /// Why the volume is out of service; null while it works.
    public @Nullable String failure() {
        return state.get().failure();
    }

    /// Says that too little space is left, or with null that there is enough again.
    public void full(@Nullable String cause) {
        var before = state.getAndUpdate(now -> new State(now.failure(), cause, now.cordoned()));
        if ((cause == null) != (before.full() == null)) {
            if (cause == null) {
                LOG.info("space on the volume again: publishes are taken");
            } else {
                LOG.atWarn().addKeyValue("cause", cause).log("volume nearly full: publishes are refused");
            }
        }
    }

    public boolean isFull() {
        return state.get().full() != null;
    }

    /// Refuses all publishes while the broker is being emptied.
    public void cordon(boolean cordon) {
        state.updateAndGet(now -> new State(now.failure(), now.full(), cordon));
    }

    public boolean isCordoned() {
        return state.get().cordoned();
    }

    /// Why a publish cannot be taken now; null when it can.
    public @Nullable String refusal() {
        return state.get().refusal();
    }

    /// Why nothing can be stored now, whoever asks; null when it can.
    @Nullable String storageRefusal() {
        var now = state.get();
        return now.failure() != null ? now.failure() : now.full();
    }
}
