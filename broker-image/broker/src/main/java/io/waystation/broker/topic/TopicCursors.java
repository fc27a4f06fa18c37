package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.channel.CursorLog;
import io.waystation.channel.Moment;
import io.waystation.log.DiskFullException;
import java.io.IOException;

/// Writes how far a topic's channels have come, now and then. Confined to the topic's loop.
final class TopicCursors {
    /// How long a cursor's changes may wait before they are written: what a crash delivers twice.
    private static final long INTERVAL_MS = 200;
    /// Finishes after which a cursor's changes are written without waiting for the interval.
    private static final int MAX_CHANGES = 4096;

    private final TopicContext context;
    private final Loop loop;
    private final CursorLog cursors;
    private final Work write;
    private final Sealer sealer;
    private final Runnable onWritten;
    private boolean timerArmed;
    private int changes;
    private boolean closed;

    /// `onWritten` hears within the interval that what the channels said is written.
    TopicCursors(TopicContext context, Loop loop, CursorLog cursors, Runnable onWritten) {
        this.context = context;
        this.loop = loop;
        this.cursors = cursors;
        this.write = loop.work(Phase.FLUSH, () -> write(false));
        this.sealer = new Sealer(context, loop, () -> {});
        this.onWritten = onWritten;
    }

    /// A cursor moved: its state is written within the interval.
    void changed() {
        changes++;
        if (changes >= MAX_CHANGES) {
            write.request();
        } else {
            armTimer();
        }
    }

    /// A cursor moved without anything being done: no reason to write before the interval is over.
    void moved() {
        armTimer();
    }

    private void armTimer() {
        if (!timerArmed) {
            timerArmed = true;
            loop.schedule(this::onTimer, INTERVAL_MS);
        }
    }

    private void onTimer() {
        timerArmed = false;
        write(false);
        if (!closed) {
            onWritten.run();
        }
    }

    /// Writes one channel's state now; false when the disk does not take it.
    boolean write(String channel) {
        if (closed || context.volume().failure() != null) {
            return false;
        }
        try {
            cursors.writeDelta(channel, now());
            sealer.sealRolled(cursors.log());
            return true;
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
        return false;
    }

    private void write(boolean all) {
        if (closed || context.volume().failure() != null) {
            return;
        }
        changes = 0;
        try {
            cursors.writeDeltas(now(), all);
            sealer.sealRolled(cursors.log());
            if (!all && cursors.hasChanges()) {
                // Written not long ago, and changed since.
                armTimer();
            }
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            armTimer();
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    private Moment now() {
        return new Moment(loop.nowMs(), loop.wallMs());
    }

    /// Writes what is left and nothing after that.
    void end() {
        write(true);
        closed = true;
    }
}
