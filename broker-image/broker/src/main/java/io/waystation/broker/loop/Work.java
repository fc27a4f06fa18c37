package io.waystation.broker.loop;

/// Something that one object does at the end of a pass, at most once however often it was asked for. Confined to its
/// loop.
public final class Work {
    private final Loop loop;
    private final Phase phase;
    private final Runnable action;
    private boolean requested;

    Work(Loop loop, Phase phase, Runnable action) {
        this.loop = loop;
        this.phase = phase;
        this.action = action;
    }

    public void request() {
        if (!requested) {
            requested = true;
            loop.enqueue(phase, this);
        }
    }

    void run() {
        requested = false;
        action.run();
    }
}
