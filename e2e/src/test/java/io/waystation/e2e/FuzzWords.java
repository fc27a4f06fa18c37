package io.waystation.e2e;

import io.waystation.broker.transcript.Notation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/// What fuzzed conversations are made of: names, numbers, ids and bodies, right and wrong ones. Texts are ISO-8859-1,
/// one
/// character a byte.
final class FuzzWords {
    static final int MAX_MESSAGE = 100;
    static final int MAX_BODY = 1000;
    static final int MAX_READY = 50;
    static final int MAX_REQUEUE_MS = 3_600_000;

    private static final List<String> ODD_NAMES = List.of(
            "",
            "a*b",
            "#ephemeral",
            "a#b",
            "a#ephemeral#ephemeral",
            "a\tb",
            "\u00e4",
            "a\"b\\",
            "\u00c3\u00a4",
            "a,b",
            "x".repeat(65),
            "x".repeat(55) + "#ephemeral");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "2",
            "50",
            "51",
            "100",
            "007",
            "",
            "-1",
            "+1",
            "x",
            "1x",
            "1.0",
            "0x1",
            "3600000",
            "3600001",
            "000000000000000000000000001",
            "9223372036854");
    private static final List<Integer> SIZES =
            List.of(0, -1, 1, 99, 100, 101, 1000, 1001, Integer.MAX_VALUE, Integer.MIN_VALUE);
    private static final List<String> IDS = List.of(
            "0123456789abcdef",
            "ffffffffffffffff",
            "0123456789ABCDEF",
            "0000000000000000",
            "",
            "0",
            "0123456789abcde",
            "0123456789abcdefg",
            "\u00ff123456789abcdef");

    private final Random random;
    private int names;

    FuzzWords(Random random) {
        this.random = random;
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    @SafeVarargs
    final <T> T any(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /// A valid name that nothing else in the transcript has.
    String fresh() {
        var name = any("t", "T-", "t_", "t.", "x".repeat(60)) + names++;
        return name.length() > 64 ? name.substring(name.length() - 64) : name;
    }

    /// Mostly a valid name.
    String name() {
        return chance(70) ? fresh() : any(ODD_NAMES);
    }

    String number() {
        return any(NUMBERS);
    }

    String id() {
        return any(IDS);
    }

    int oddSize() {
        return any(SIZES);
    }

    String body() {
        return chance(80) ? "m" + below(1000) : any("\n", "NOP\n", "\0\0\0\1", "\u00ff\u00fe", "y".repeat(MAX_MESSAGE));
    }

    String garbage() {
        var garbage = new StringBuilder();
        for (int left = below(12); left >= 0; left--) {
            garbage.append((char) random.nextInt(256));
        }
        return garbage.toString();
    }

    static String int32(int value) {
        return new String(ByteBuffer.allocate(Integer.BYTES).putInt(value).array(), StandardCharsets.ISO_8859_1);
    }

    /// A text behind its length.
    static String sized(String text) {
        return int32(text.length()) + text;
    }

    static String quoted(String latin1) {
        return Notation.write(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }
}
