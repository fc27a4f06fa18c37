package io.waystation.log;

/// What opening a log found behind the last whole batch.
///
/// @param cutBytes bytes that were cut off
/// @param cutReadableBytes those of them that were whole batches behind the torn one, and so could be read
public record RecoveryReport(long cutBytes, long cutReadableBytes) {
    static final RecoveryReport CLEAN = new RecoveryReport(0, 0);

    boolean isClean() {
        return cutBytes == 0;
    }
}
