package io.waystation.wire;

/// The bounds that commands are checked against; flags of the broker, sizes in bytes.
public record CommandLimits(int maxMessageSize, int maxBodySize, long maxDeferMs, long maxReadyCount) {

    /// The most messages that an MPUB may announce: each needs a size and one byte.
    int maxMessageCount() {
        return (maxBodySize - Integer.BYTES) / (Integer.BYTES + 1);
    }
}
