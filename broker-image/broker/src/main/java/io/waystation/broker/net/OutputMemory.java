package io.waystation.broker.net;

import java.util.concurrent.atomic.AtomicLong;

/// The bytes that wait for clients to take them, over all connections, and their bound. Safe from any thread: one
/// counter.
///
/// At the bound a client gets more only when little waits for it ([Output]), so those who take what they are sent go on
/// and those who do not keep what they have.
final class OutputMemory {
    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    OutputMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long heldBytes() {
        return heldBytes.get();
    }

    boolean isTight() {
        return heldBytes.get() >= limitBytes;
    }

    void change(long bytes) {
        heldBytes.addAndGet(bytes);
    }
}
