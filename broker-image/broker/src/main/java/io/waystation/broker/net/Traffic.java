package io.waystation.broker.net;

import io.waystation.wire.ProtocolError;
import java.util.EnumMap;
import java.util.Map;

/// What the connections of one loop took and sent. Confined to the loop, which hands out copies. Bytes are the
/// protocol's: before encryption and compression.
public final class Traffic {
    private long openedCount;
    private long refusedCount;
    private long receivedBytes;
    private long sentBytes;
    private final Map<ProtocolError, Long> errorCounts = new EnumMap<>(ProtocolError.class);

    void onOpened() {
        openedCount++;
    }

    void onRefused() {
        refusedCount++;
    }

    void onReceived(int bytes) {
        receivedBytes += bytes;
    }

    void onSent(long bytes) {
        sentBytes += bytes;
    }

    void onError(ProtocolError error) {
        errorCounts.merge(error, 1L, Long::sum);
    }

    Traffic copy() {
        var copy = new Traffic();
        copy.add(this);
        return copy;
    }

    void add(Traffic other) {
        openedCount += other.openedCount;
        refusedCount += other.refusedCount;
        receivedBytes += other.receivedBytes;
        sentBytes += other.sentBytes;
        other.errorCounts.forEach((error, count) -> errorCounts.merge(error, count, Long::sum));
    }

    /// Connections that were accepted.
    public long openedCount() {
        return openedCount;
    }

    /// Connections that were closed because there were as many as may be.
    public long refusedCount() {
        return refusedCount;
    }

    public long receivedBytes() {
        return receivedBytes;
    }

    public long sentBytes() {
        return sentBytes;
    }

    /// Errors of the kind that clients were answered.
    public long errorCount(ProtocolError error) {
        return errorCounts.getOrDefault(error, 0L);
    }
}
