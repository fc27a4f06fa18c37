package io.waystation.broker.net;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// How large a buffer a connection is read into: large for one that fills it, small for one that sends little, since a
/// part of a command may stay in it for as long as the client likes, and as small as can be where memory is short.
/// Safe from any thread; its handles are confined to their connections' loops.
final class ReceiveSizes extends DefaultMaxMessagesRecvByteBufAllocator {
    static final int TIGHT_BYTES = 2 * 1024;
    static final int SMALL_BYTES = 4 * 1024;
    static final int LARGE_BYTES = 128 * 1024;
    /// Small reads one after the other, after which the next buffer is small.
    private static final int SMALL_READS = 8;

    private final InputMemory memory;

    ReceiveSizes(InputMemory memory) {
        this.memory = memory;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new Sizes();
    }

    private final class Sizes extends MaxMessageHandle {
        private boolean large;
        private int smallReads;

        @Override
        public int guess() {
            if (memory.isTight()) {
                return TIGHT_BYTES;
            }
            return large ? LARGE_BYTES : SMALL_BYTES;
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (bytes == attemptedBytesRead()) {
                large = true;
                smallReads = 0;
            } else if (bytes > SMALL_BYTES) {
                smallReads = 0;
            } else if (bytes > 0 && ++smallReads >= SMALL_READS) {
                large = false;
            }
        }
    }
}
