package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.snappy.SnappyFramedInputStream;
import io.airlift.compress.v3.snappy.SnappyFramedOutputStream;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Ours on one side, another implementation on the other.
class StreamCodecTest {
    private static final int ROUNDS = 60;
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    enum Kind {
        SNAPPY {
            @Override
            StreamCodec codec() {
                return new SnappyCodec(ALLOCATOR);
            }

            @Override
            InputStream reader(InputStream source) throws IOException {
                return new SnappyFramedInputStream(new SnappyJavaDecompressor(), source);
            }

            @Override
            OutputStream writer(OutputStream target) throws IOException {
                return new SnappyFramedOutputStream(new SnappyJavaCompressor(), target);
            }
        },
        DEFLATE {
            @Override
            StreamCodec codec() {
                return new DeflateCodec(ALLOCATOR, 6);
            }

            @Override
            InputStream reader(InputStream source) {
                return new InflaterInputStream(source, new Inflater(true));
            }

            @Override
            OutputStream writer(OutputStream target) {
                return new DeflaterOutputStream(target, new Deflater(1, true), true);
            }
        };

        abstract StreamCodec codec();

        abstract InputStream reader(InputStream source) throws IOException;

        abstract OutputStream writer(OutputStream target) throws IOException;
    }

    private static byte[] piece(SplittableRandom random) {
        var bytes = new byte[random.nextInt(1, random.nextInt(4) == 0 ? 200_000 : 300)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ("{\"user\":".charAt(i % 8) + (i % 100 == 0 ? random.nextInt(4) : 0));
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsFlushedCanBeReadAtOnceByTheOtherSide(Kind kind) throws IOException {
        long seed = new SplittableRandom().nextLong();
        var random = new SplittableRandom(seed);
        var sent = new ByteArrayOutputStream();
        var wire = new ByteArrayOutputStream();
        try (var codec = kind.codec()) {
            for (int round = 0; round < ROUNDS; round++) {
                var piece = piece(random);
                sent.writeBytes(piece);
                var plain = Unpooled.wrappedBuffer(piece);
                var target = ALLOCATOR.directBuffer();
                codec.encode(plain, target);
                if (round == ROUNDS - 1 || random.nextInt(3) > 0) {
                    codec.flush(target);
                }
                wire.writeBytes(ByteBufUtil.getBytes(target));
                target.release();
            }
        }

        var read = kind.reader(new ByteArrayInputStream(wire.toByteArray())).readNBytes(sent.size());

        assertThat(read).as("seed %d", seed).isEqualTo(sent.toByteArray());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatTheOtherSideWroteIsReadHoweverItIsCut(Kind kind) throws IOException {
        long seed = new SplittableRandom().nextLong();
        var random = new SplittableRandom(seed);
        var sent = new ByteArrayOutputStream();
        var wire = new ByteArrayOutputStream();
        var writer = kind.writer(wire);
        for (int round = 0; round < ROUNDS; round++) {
            var piece = piece(random);
            sent.writeBytes(piece);
            writer.write(piece);
            writer.flush();
        }
        var read = new ByteArrayOutputStream();
        try (var codec = kind.codec()) {
            var input = ALLOCATOR.directBuffer();
            for (int at = 0; at < wire.size(); ) {
                int length = Math.min(wire.size() - at, random.nextInt(3) == 0 ? 1 : random.nextInt(1, 50_000));
                input.writeBytes(wire.toByteArray(), at, length);
                at += length;
                take(codec, input, read);
                input.discardReadBytes();
            }
            input.release();
        }

        assertThat(read.toByteArray()).as("seed %d", seed).isEqualTo(sent.toByteArray());
    }

    private static void take(StreamCodec codec, ByteBuf input, ByteArrayOutputStream read) throws IOException {
        for (var piece = codec.decode(input); piece != null; piece = codec.decode(input)) {
            assertThat(piece.readableBytes()).isBetween(1, StreamCodec.MAX_PIECE_BYTES);
            read.writeBytes(ByteBufUtil.getBytes(piece));
            piece.release();
        }
    }

    @Test
    void theFirstSnappyFrameHasTheStreamIdentifierAndAMaskedChecksum() {
        try (var codec = new SnappyCodec(ALLOCATOR)) {
            var target = ALLOCATOR.directBuffer();
            codec.encode(Unpooled.wrappedBuffer(HexFormat.of().parseHex("00000006000000004f4b")), target);
            codec.flush(target);

            var bytes = ByteBufUtil.hexDump(target);

            target.release();
            assertThat(bytes).isEqualTo("ff060000734e61507059" + "010e0000" + "26982bcf" + "00000006000000004f4b");
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            0104000000000000,                             begins with chunk type 1
            ff0600006e6f7473616d65,                       the identifier is another
            ff050000734e615070,                           the identifier is another
            ff060000734e615070590204000000000000,         chunk of type 2
            ff060000734e61507059010500000000000041,       wrong checksum
            ff060000734e61507059010300000000,             with 3 bytes
            ff060000734e61507059010500010000000041,       with 65541 bytes
            ff060000734e6150705900ffffff,                 with 16777215 bytes
            ff060000734e61507059000a00000000000081800441414141, plain bytes
            ff060000734e61507059000500000000000005,       wrong checksum
            ff060000734e615070590007000000000000040105, cannot be decompressed
            """)
    void aSnappyStreamThatIsNoneIsRefused(String hex, String problem) {
        try (var codec = new SnappyCodec(ALLOCATOR)) {
            var input = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));

            assertThatThrownBy(() -> take(codec, input, new ByteArrayOutputStream()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(problem);
        }
    }

    @Test
    void paddingAndUnknownSkippableSnappyChunksAreSkipped() throws IOException {
        var written = new ByteArrayOutputStream();
        try (var writer = Kind.SNAPPY.writer(written)) {
            writer.write('x');
        }
        var input = ALLOCATOR.directBuffer();
        input.writeBytes(
                HexFormat.of().parseHex("ff060000734e61507059" + "fe030000000000" + "80010000ff" + "fe000000"));
        input.writeBytes(written.toByteArray());
        var read = new ByteArrayOutputStream();
        try (var codec = new SnappyCodec(ALLOCATOR)) {
            take(codec, input, read);
        }
        input.release();

        assertThat(read.toByteArray()).containsExactly('x');
    }

    @Test
    void aDeflateStreamThatIsNoneOrEndsIsRefused() {
        for (var hex : new String[] {"ffffffff", "03000000"}) {
            try (var codec = new DeflateCodec(ALLOCATOR, 6)) {
                var input = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));

                assertThatThrownBy(() -> take(codec, input, new ByteArrayOutputStream()))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("deflate stream");
            }
        }
    }
}
