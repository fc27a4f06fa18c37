package io.waystation.channel;

import java.nio.ByteBuffer;

/// Told about each message of a page of deferred ones. The buffer is valid during the call only.
@FunctionalInterface
public interface DeferredListener {
    void onDeferred(String id, long dueMs, long timestampMs, ByteBuffer source, int position, int length);
}
