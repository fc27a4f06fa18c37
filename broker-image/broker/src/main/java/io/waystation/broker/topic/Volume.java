package io.waystation.broker.topic;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state of the disk under the data directory, and whether the broker takes messages at all. Safe from any thread:
/// independent references, each replaced as a whole.
public final class Volume {
    /// Why a cordoned broker refuses, as producers read it.
    public static final String CORDONED = "cordoned";

    private static final Logger LOG = LoggerFactory.getLogger(Volume.class);

    private volatile @Nullable String failure;
    private volatile @Nullable String full;
    private volatile boolean cordoned;

    /// A write or sync failed: nothing on this volume is acknowledged any more, until the process starts anew on a disk
    /// that works. Linux marks pages clean after a failed sync, so a later success would prove nothing.
    public void fail(Throwable cause) {
        LOG.atError().setCause(cause).log("volume failed: nothing more is acknowledged");
        failure = String.valueOf(cause.getMessage());
    }

    /// Why the volume is out of service; null while it works.
    public @Nullable String failure() {
        return failure;
    }

    /// Says that too little space is left, or with null that there is enough again.
    public void full(@Nullable String cause) {
        if ((cause == null) != (full == null)) {
            if (cause == null) {
                LOG.info("space on the volume again: publishes are taken");
            } else {
                LOG.atWarn().addKeyValue("cause", cause).log("volume nearly full: publishes are refused");
            }
        }
        full = cause;
    }

    /// Refuses all publishes while the broker is being emptied.
    public void cordon(boolean cordon) {
        cordoned = cordon;
    }

    public boolean isCordoned() {
        return cordoned;
    }

    /// Why a publish cannot be taken now; null when it can.
    public @Nullable String refusal() {
        var failed = failure;
        if (failed != null) {
            return failed;
        }
        return cordoned ? CORDONED : full;
    }
}
