package io.waystation.bench;

import io.waystation.wire.CommandLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The load that all comparisons with NSQ use: batches of 200 messages of 200 bytes.
final class Load {
    static final int MESSAGES = 200;
    static final int MESSAGE_BYTES = 200;

    /// NSQ's defaults.
    static final CommandLimits LIMITS = new CommandLimits(1 << 20, 5 << 20, 3_600_000, 2500);

    private Load() {}

    /// One MPUB as a producer sends it, magic not included.
    static ByteBuffer multiPublish() {
        var line = "MPUB sub_bench\n".getBytes(StandardCharsets.US_ASCII);
        int bodyLength = Integer.BYTES + MESSAGES * (Integer.BYTES + MESSAGE_BYTES);
        var buffer = ByteBuffer.allocateDirect(line.length + Integer.BYTES + bodyLength);
        buffer.put(line).putInt(bodyLength).putInt(MESSAGES);
        for (int i = 0; i < MESSAGES; i++) {
            buffer.putInt(MESSAGE_BYTES).put(new byte[MESSAGE_BYTES]);
        }
        return buffer.flip();
    }
}
