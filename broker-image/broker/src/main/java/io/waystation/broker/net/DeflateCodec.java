package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Raw DEFLATE (RFC 1951): one endless stream a direction, with a sync flush at each flush.
final class DeflateCodec implements StreamCodec {
    /// What zlib takes for both directions, outside the heap.
    static final int MEMORY_BYTES = 320 * 1024;

    private static final int STEP_BYTES = 16 * 1024;
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final ByteBufAllocator allocator;
    private final Inflater inflater = new Inflater(true);
    private final Deflater deflater;
    /// What is wrong with what follows the bytes that were given.
    private @Nullable IOException broken;

    DeflateCodec(ByteBufAllocator allocator, int level) {
        this.allocator = allocator;
        this.deflater = new Deflater(level, true);
    }

    @Override
    public @Nullable ByteBuf decode(ByteBuf input) throws IOException {
        var earlier = broken;
        if (earlier != null) {
            throw earlier;
        }
        var source = input.nioBuffer();
        int available = source.remaining();
        inflater.setInput(source);
        var piece = allocator.directBuffer(MAX_PIECE_BYTES);
        boolean given = false;
        try {
            int length = inflate(piece);
            input.skipBytes(available - source.remaining());
            piece.writerIndex(length);
            given = length > 0;
            return given ? piece : null;
        } finally {
            // The bytes belong to the caller, who may release them.
            inflater.setInput(NO_BYTES);
            if (!given) {
                piece.release();
            }
        }
    }

    /// How many bytes there are; those before the garbage are given first.
    private int inflate(ByteBuf piece) throws IOException {
        long before = inflater.getBytesWritten();
        try {
            int length = inflater.inflate(piece.internalNioBuffer(0, MAX_PIECE_BYTES));
            if (length == 0 && inflater.finished()) {
                throw new IOException("the peer ended its deflate stream");
            }
            if (length == 0 && !inflater.needsInput()) {
                throw new IOException("the peer's deflate stream needs a dictionary");
            }
            return length;
        } catch (DataFormatException garbage) {
            var failure = new IOException("not a deflate stream: " + garbage.getMessage(), garbage);
            int length = (int) (inflater.getBytesWritten() - before);
            if (length == 0) {
                throw failure;
            }
            broken = failure;
            return length;
        }
    }

    @Override
    public void encode(ByteBuf plain, ByteBuf target) {
        deflater.setInput(plain.nioBuffer());
        while (!deflater.needsInput()) {
            deflate(target, Deflater.NO_FLUSH);
        }
        deflater.setInput(NO_BYTES);
    }

    @Override
    public void flush(ByteBuf target) {
        int room;
        int length;
        do {
            target.ensureWritable(STEP_BYTES);
            room = target.writableBytes();
            length = deflate(target, Deflater.SYNC_FLUSH);
        } while (length == room);
    }

    private int deflate(ByteBuf target, int flush) {
        target.ensureWritable(STEP_BYTES);
        int length = deflater.deflate(target.internalNioBuffer(target.writerIndex(), target.writableBytes()), flush);
        target.writerIndex(target.writerIndex() + length);
        return length;
    }

    @Override
    public void close() {
        inflater.end();
        deflater.end();
    }
}
