package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One kind of compression of one connection, both directions. Confined to the connection's loop.
interface StreamCodec extends AutoCloseable {
    /// Most bytes of one decoded piece, so that a few compressed bytes never become much memory at once.
    int MAX_PIECE_BYTES = 64 * 1024;

    /// Takes bytes from `input` and gives the next piece of what they stand for, which is the caller's; null when more
    /// input is needed. There may be a further piece although `input` is used up.
    @Nullable ByteBuf decode(ByteBuf input) throws IOException;

    /// Compresses `plain` to the end of `target`, or keeps it until [#flush].
    void encode(ByteBuf plain, ByteBuf target);

    /// Completes what the peer needs to read everything encoded so far.
    void flush(ByteBuf target);

    @Override
    void close();
}
