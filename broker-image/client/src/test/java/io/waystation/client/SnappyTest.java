package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.snappy.SnappyFramedInputStream;
import io.airlift.compress.v3.snappy.SnappyFramedOutputStream;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Our Snappy against another's, and against what nobody writes.
class SnappyTest {
    private static final String BEGIN = "ff060000734e61507059";

    /// Contents of many kinds and lengths, around the format's limits.
    static Stream<byte[]> contents() {
        long seed = System.nanoTime();
        System.out.println("SnappyTest: seed " + seed);
        var random = new SplittableRandom(seed);
        int[] lengths = {0, 1, 3, 4, 5, 59, 60, 61, 255, 256, 257, 4096, 65535, 65536, 65537, 300_000};
        return Arrays.stream(lengths)
                .boxed()
                .flatMap(length -> Stream.of(
                        new byte[length],
                        random(random, length, 256),
                        random(random, length, 2),
                        words(random, length)));
    }

    private static byte[] random(SplittableRandom random, int length, int symbols) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(symbols);
        }
        return bytes;
    }

    /// Repetitions at all distances and of all lengths.
    private static byte[] words(SplittableRandom random, int length) {
        var bytes = random(random, length, 256);
        for (int at = 1; at < length; at += 1 + random.nextInt(100)) {
            int from = random.nextInt(at);
            int count = Math.min(random.nextInt(200), Math.min(at - from, length - at));
            System.arraycopy(bytes, from, bytes, at, count);
            at += count;
        }
        return bytes;
    }

    private static byte[] framed(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        new SnappyOutputStream(bytes).write(content);
        return bytes.toByteArray();
    }

    private static InputStream plain(byte[] framed) {
        return new SnappyInputStream(new ByteArrayInputStream(framed));
    }

    private static InputStream plain(String hex) {
        return plain(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void whatIsWrittenIsReadAgain(byte[] content) throws IOException {
        assertThat(plain(framed(content)).readAllBytes()).isEqualTo(content);
    }

    @ParameterizedTest
    @MethodSource("contents")
    void anotherSnappyReadsIt(byte[] content) throws IOException {
        try (var other =
                new SnappyFramedInputStream(new SnappyJavaDecompressor(), new ByteArrayInputStream(framed(content)))) {
            assertThat(other.readAllBytes()).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @MethodSource("contents")
    void whatAnotherSnappyWritesIsRead(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var other = new SnappyFramedOutputStream(new SnappyJavaCompressor(), bytes)) {
            other.write(content);
        }

        assertThat(plain(bytes.toByteArray()).readAllBytes()).isEqualTo(content);
    }

    @Test
    void whatRepeatsItselfShrinks() throws IOException {
        assertThat(framed(new byte[60_000])).hasSizeLessThan(4_000);
        assertThat(framed("a fact and ".repeat(1000).getBytes(StandardCharsets.US_ASCII)))
                .hasSizeLessThan(1_000);
    }

    @Test
    void streamsMayBeginAgainAndPaddingIsSkipped() throws IOException {
        var one = framed(new byte[] {1});
        var both = new ByteArrayOutputStream();
        both.writeBytes(one);
        both.writeBytes(HexFormat.of().parseHex("fe020000ffff"));
        both.writeBytes(one);

        assertThat(plain(both.toByteArray()).readAllBytes()).containsExactly(1, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "01050000000000000a|a chunk of type 1 (expected: Snappy's stream identifier)",
                "ff060000734e61507058|a stream identifier of 6 bytes (expected: sNaPpY)",
                "ff050000734e615070|a stream identifier of 5 bytes (expected: sNaPpY)",
                BEGIN + "0201000000|a chunk of type 2 (expected: one that Snappy's framing has)",
                BEGIN + "01050000000000000a|a chunk with a wrong checksum",
                BEGIN + "01030000000000|a chunk of 3 bytes (expected: 4..65540)",
                BEGIN + "01050001|a chunk of 65541 bytes (expected: 4..65540)",
                BEGIN + "0000ffff|a chunk of 16776960 bytes (expected: 4..76494)"
            })
    void aStreamThatIsNoneIsToldSo(String hex, String error) {
        assertThatThrownBy(() -> plain(hex).readAllBytes())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage(error);
    }

    @ParameterizedTest
    @CsvSource({BEGIN + "01", BEGIN + "010500000000", BEGIN + "fe0500"})
    void aStreamThatIsCutShortEndsUnexpectedly(String hex) {
        assertThatThrownBy(() -> plain(hex).readAllBytes()).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "818004|a Snappy block of 65537 bytes",
                "ffffffffff|a Snappy block of -1 bytes",
                "0508|a Snappy literal that is too long",
                "0104616161|a Snappy literal that is too long",
                "05fcffffffff|a Snappy literal that is too long",
                "05f4|a Snappy block that is cut short",
                "04006101010000|a Snappy copy from 1 bytes before",
                "0900610102|a Snappy copy from 2 bytes before",
                "090061010000|a Snappy copy from 0 bytes before",
                "020061|a Snappy block of 1 bytes instead of 2"
            })
    void aBlockThatIsNoneIsToldSo(String hex, String error) {
        var block = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Snappy.uncompress(block, block.length, new byte[Snappy.MAX_BLOCK_BYTES]))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(error);
    }

    @Test
    void garbageIsNothingWorseThanAnError() {
        long seed = System.nanoTime();
        System.out.println("SnappyTest: seed " + seed);
        var random = new SplittableRandom(seed);
        var output = new byte[Snappy.MAX_BLOCK_BYTES];
        for (int round = 0; round < 20_000; round++) {
            var block = random(random, 1 + random.nextInt(60), 256);
            try {
                assertThat(Snappy.uncompress(block, block.length, output)).isBetween(0, Snappy.MAX_BLOCK_BYTES);
            } catch (IOException refused) {
                assertThat(refused).hasMessageContaining("Snappy");
            }
        }
    }
}
