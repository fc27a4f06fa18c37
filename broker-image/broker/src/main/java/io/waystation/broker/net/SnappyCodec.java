package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.Snappy;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Snappy's framing format, <https://github.com/google/snappy/blob/main/framing_format.txt>:
///
/// ```
///   stream    ff  06 00 00  "sNaPpY"                       first, and again wherever a writer begins anew
///   chunk     00  length  checksum  compressed bytes       (length: 3 bytes, of all behind it; little-endian)
///             01  length  checksum  plain bytes
///   padding   fe  length  anything; 80..fd likewise
///             02..7f: not to be skipped, an error
/// ```
///
/// The checksum is the masked CRC-32C of the plain bytes, at most 65536 of them a chunk.
final class SnappyCodec implements StreamCodec {
    private static final int COMPRESSED = 0x00;
    private static final int PLAIN = 0x01;
    private static final int FIRST_SKIPPABLE = 0x80;
    private static final int STREAM = 0xff;
    private static final int HEADER_BYTES = 4;
    private static final int CHECKSUM_BYTES = 4;
    private static final int MAX_PLAIN_BYTES = MAX_PIECE_BYTES;
    /// What the format says that 65536 bytes may become.
    private static final int MAX_COMPRESSED_BYTES = 32 + MAX_PLAIN_BYTES + MAX_PLAIN_BYTES / 6;
    private static final byte[] STREAM_ID = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int MASK_ROTATION = 15;

    private final ByteBufAllocator allocator;
    private final Snappy snappy = new Snappy();
    private final CRC32C checksum = new CRC32C();
    private boolean streamSeen;
    private boolean streamSent;
    /// Bytes of a chunk to be passed over that did not come yet.
    private int skipping;
    /// Plain bytes that wait for the end of their chunk; null when there are none.
    private @Nullable ByteBuf waiting;

    SnappyCodec(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    // ---- from the peer

    @Override
    public @Nullable ByteBuf decode(ByteBuf input) throws IOException {
        while (true) {
            skip(input);
            if (input.readableBytes() < HEADER_BYTES) {
                return null;
            }
            int type = input.getUnsignedByte(input.readerIndex());
            int length = input.getUnsignedMediumLE(input.readerIndex() + 1);
            check(type, length);
            if (type >= FIRST_SKIPPABLE && type != STREAM) {
                input.skipBytes(HEADER_BYTES);
                skipping = length;
                continue;
            }
            if (input.readableBytes() < HEADER_BYTES + length) {
                return null;
            }
            input.skipBytes(HEADER_BYTES);
            var content = input.readSlice(length);
            if (type == STREAM) {
                stream(content);
                continue;
            }
            var piece = chunk(type, content);
            if (piece.isReadable()) {
                return piece;
            }
            piece.release();
        }
    }

    private void skip(ByteBuf input) {
        int length = Math.min(skipping, input.readableBytes());
        input.skipBytes(length);
        skipping -= length;
    }

    private void check(int type, int length) throws IOException {
        if (!streamSeen && type != STREAM) {
            throw new IOException("not a snappy stream: begins with chunk type " + type + " (expected: 255)");
        }
        switch (type) {
            case COMPRESSED -> checkLength(type, length, CHECKSUM_BYTES + MAX_COMPRESSED_BYTES);
            case PLAIN -> checkLength(type, length, CHECKSUM_BYTES + MAX_PLAIN_BYTES);
            case STREAM -> checkLength(type, length, STREAM_ID.length - HEADER_BYTES);
            default -> {
                if (type < FIRST_SKIPPABLE) {
                    throw new IOException("snappy chunk of type " + type + " (expected: 0, 1 or above 127)");
                }
            }
        }
    }

    private static void checkLength(int type, int length, int most) throws IOException {
        boolean tooShort = type != STREAM && length < CHECKSUM_BYTES;
        if (length > most || tooShort) {
            throw new IOException(
                    "snappy chunk of type " + type + " with " + length + " bytes (expected: at most " + most + ")");
        }
    }

    private void stream(ByteBuf content) throws IOException {
        for (int i = HEADER_BYTES; i < STREAM_ID.length; i++) {
            if (!content.isReadable() || content.readByte() != STREAM_ID[i]) {
                throw new IOException("not a snappy stream: the identifier is another");
            }
        }
        streamSeen = true;
    }

    private ByteBuf chunk(int type, ByteBuf content) throws IOException {
        int expected = content.readIntLE();
        // On the heap, where the block format's many single bytes are quick.
        var piece = allocator.heapBuffer(MAX_PLAIN_BYTES, MAX_PLAIN_BYTES);
        boolean sound = false;
        try {
            if (type == PLAIN) {
                piece.writeBytes(content);
            } else {
                decompress(content, piece);
            }
            if (masked(piece) != expected) {
                throw new IOException("snappy chunk with a wrong checksum");
            }
            sound = true;
            return piece;
        } finally {
            if (!sound) {
                piece.release();
            }
        }
    }

    private void decompress(ByteBuf content, ByteBuf piece) throws IOException {
        var compressed = allocator.heapBuffer(content.readableBytes());
        try {
            compressed.writeBytes(content);
            requireLength(compressed);
            snappy.reset();
            snappy.decode(compressed, piece);
        } catch (DecompressionException | IndexOutOfBoundsException garbage) {
            throw new IOException("snappy chunk that cannot be decompressed: " + garbage.getMessage(), garbage);
        } finally {
            compressed.release();
        }
    }

    /// A block begins with the number of its plain bytes, 7 bits a byte, the lowest first.
    private static void requireLength(ByteBuf block) throws IOException {
        long length = 0;
        for (int i = 0; i < block.readableBytes() && i < Integer.BYTES + 1; i++) {
            int next = block.getByte(block.readerIndex() + i);
            length |= (next & 0x7fL) << (7 * i);
            if (next >= 0) {
                break;
            }
        }
        if (length > MAX_PLAIN_BYTES) {
            throw new IOException(
                    "snappy chunk of " + length + " plain bytes (expected: at most " + MAX_PLAIN_BYTES + ")");
        }
    }

    private int masked(ByteBuf plain) {
        checksum.reset();
        checksum.update(plain.array(), plain.arrayOffset() + plain.readerIndex(), plain.readableBytes());
        int crc = (int) checksum.getValue();
        return Integer.rotateRight(crc, MASK_ROTATION) + MASK_DELTA;
    }

    // ---- to the peer

    @Override
    public void encode(ByteBuf plain, ByteBuf target) {
        while (plain.isReadable()) {
            var chunk = waiting;
            if (chunk == null) {
                chunk = allocator.heapBuffer(MAX_PLAIN_BYTES, MAX_PLAIN_BYTES);
                waiting = chunk;
            }
            chunk.writeBytes(plain, Math.min(plain.readableBytes(), chunk.maxWritableBytes()));
            if (!chunk.isWritable()) {
                flush(target);
            }
        }
    }

    /// Ends the chunk.
    @Override
    public void flush(ByteBuf target) {
        var chunk = waiting;
        if (chunk == null) {
            return;
        }
        waiting = null;
        if (!streamSent) {
            streamSent = true;
            target.writeBytes(STREAM_ID);
        }
        try {
            write(chunk, target);
        } finally {
            chunk.release();
        }
    }

    private void write(ByteBuf plain, ByteBuf target) {
        int sum = masked(plain);
        int length = plain.readableBytes();
        var compressed = allocator.heapBuffer(MAX_COMPRESSED_BYTES);
        try {
            snappy.reset();
            snappy.encode(plain.duplicate(), compressed, length);
            // As Google's own writer: what saves less than an eighth is not worth the peer's work.
            boolean worth = compressed.readableBytes() < length - length / 8;
            var content = worth ? compressed : plain;
            target.writeByte(worth ? COMPRESSED : PLAIN);
            target.writeMediumLE(CHECKSUM_BYTES + content.readableBytes());
            target.writeIntLE(sum);
            target.writeBytes(content);
        } finally {
            compressed.release();
        }
    }

    @Override
    public void close() {
        var chunk = waiting;
        if (chunk != null) {
            chunk.release();
            waiting = null;
        }
    }
}
