package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The decoder on random streams, in random pieces: what a connection does with bytes must not depend on where the
/// network cut them.
///
/// `-Dwire.seed=N` repeats one seed, `-Dwire.seeds=N` runs so many; Maven hands both on in `-Dtest.jvm`.
class CommandDecoderFuzzTest {
    private static final CommandLimits LIMITS = new CommandLimits(60, 400, 3_600_000, 2500);
    private static final String[] WORDS = {
        "FIN",
        "RDY",
        "REQ",
        "PUB",
        "MPUB",
        "DPUB",
        "XPUB",
        "key=a&defer=1",
        "key=%2",
        "NOP",
        "TOUCH",
        "SUB",
        "CLS",
        "IDENTIFY",
        "AUTH",
        "pub",
        "t",
        "",
        "c#ephemeral",
        "0",
        "1",
        "2501",
        "3600001",
        "99999999999999999999",
        "-1",
        "0123456789abcdef",
        "0123456789ABCDEF",
        "\r",
        "\u00ff",
        "t\u0000"
    };

    private interface Trial {
        void run(SplittableRandom random);
    }

    private static void forSeeds(Trial trial) {
        Long one = Long.getLong("wire.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("wire.seeds", 2000L) : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                trial.run(new SplittableRandom(seed));
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(
                        "mvn -pl broker-image/wire test -Dtest=CommandDecoderFuzzTest -Dtest.jvm=-Dwire.seed=" + seed,
                        failure);
            }
        }
    }

    @Test
    void aValidStreamGivesTheSameCallsHoweverItIsCut() {
        forSeeds(random -> {
            var expected = new ArrayList<String>();
            var stream = validStream(random, expected);

            for (var cut : Cut.values()) {
                assertThat(run(stream, cut, random)).as("cut %s", cut).isEqualTo(expected);
            }
        });
    }

    @Test
    void garbageGivesTheSameCallsAndTheSameErrorHoweverItIsCut() {
        forSeeds(random -> {
            var stream = garbage(random);
            var whole = run(stream, Cut.WHOLE, random);

            assertThat(run(stream, Cut.BYTES, random)).isEqualTo(whole);
            assertThat(run(stream, Cut.PIECES, random)).isEqualTo(whole);
            assertThat(run(stream, Cut.HESITANT, random)).isEqualTo(whole);
        });
    }

    private enum Cut {
        WHOLE,
        BYTES,
        PIECES,
        /// In pieces, to a sink that pauses and is not ready.
        HESITANT
    }

    /// The calls, and behind them the error that ended the stream or its end.
    private static List<String> run(byte[] stream, Cut cut, SplittableRandom random) {
        var sink = new RecordingSink(LIMITS, random, cut == Cut.HESITANT);
        // What lies beyond the limit is not the decoder's to read: an access there is an exception.
        var input = ByteBuffer.wrap(stream).limit(0);
        try {
            while (input.limit() < stream.length) {
                int piece = switch (cut) {
                    case WHOLE -> stream.length;
                    case BYTES -> 1;
                    case PIECES, HESITANT -> 1 + random.nextInt(40);
                };
                input.limit(Math.min(stream.length, input.limit() + piece));
                sink.decoder().decode(input);
            }
            for (int again = 0; cut == Cut.HESITANT && again < 200; again++) {
                sink.decoder().decode(input);
            }
            sink.decoder().endOfInput(input);
            sink.calls().add("end");
        } catch (ProtocolException problem) {
            sink.calls()
                    .add(problem.isSilent() ? "closed" : new String(problem.payload(), StandardCharsets.ISO_8859_1));
        }
        return sink.calls();
    }

    private static byte[] validStream(SplittableRandom random, List<String> calls) {
        var stream = new Stream();
        stream.text("  V2");
        for (int i = random.nextInt(10); i > 0; i--) {
            opening(stream, random, calls);
        }
        stream.text("SUB t c").end(random);
        calls.add("SUB t c");
        for (int i = random.nextInt(30); i > 0; i--) {
            consuming(stream, random, calls);
        }
        calls.add("end");
        return stream.toByteArray();
    }

    private static void opening(Stream stream, SplittableRandom random, List<String> calls) {
        switch (random.nextInt(3)) {
            case 0 -> {
                var body = body(random);
                stream.text("IDENTIFY").end(random).sized(body);
                calls.add("IDENTIFY " + body);
            }
            case 1 -> {
                var body = body(random);
                stream.text("AUTH").end(random).sized(body);
                calls.add("AUTH " + body);
            }
            default -> publishing(stream, random, calls);
        }
    }

    private static void publishing(Stream stream, SplittableRandom random, List<String> calls) {
        var topic = random.nextBoolean() ? "t" : "topic-" + random.nextInt(3);
        switch (random.nextInt(5)) {
            case 0 -> {
                stream.text("NOP").end(random);
                calls.add("NOP");
            }
            case 1 -> {
                var body = body(random);
                stream.text("PUB " + topic).end(random).sized(body);
                calls.add("PUB " + topic + " " + body);
            }
            case 2 -> {
                var body = body(random);
                int delayMs = random.nextInt(3_600_001);
                stream.text("DPUB " + topic + " " + delayMs).end(random).sized(body);
                calls.add("DPUB " + topic + " " + delayMs + " " + body);
            }
            case 3 -> {
                var body = body(random);
                int delayMs = random.nextInt(3_600_001);
                stream.text("XPUB " + topic + " key=k%20" + delayMs + "&defer=" + delayMs)
                        .end(random)
                        .sized(body);
                calls.add("XPUB " + topic + " k " + delayMs + " " + delayMs + " " + body);
            }
            default -> batch(stream, random, calls, topic);
        }
    }

    private static void batch(Stream stream, SplittableRandom random, List<String> calls, String topic) {
        var bodies = new ArrayList<String>();
        int size = Integer.BYTES;
        for (int i = random.nextInt(5); i >= 0; i--) {
            bodies.add(body(random));
            size += Integer.BYTES + bodies.getLast().length();
        }
        stream.text("MPUB " + topic).end(random).number(size).number(bodies.size());
        bodies.forEach(stream::sized);
        calls.add("MPUB " + topic + " " + String.join(" ", bodies));
    }

    private static void consuming(Stream stream, SplittableRandom random, List<String> calls) {
        long id = MessageId.of(random.nextInt(1024), random.nextInt(64), random.nextLong(1L << 40));
        var text = MessageId.toString(id);
        switch (random.nextInt(6)) {
            case 0 -> {
                int count = random.nextInt(2501);
                stream.text("RDY " + count).end(random);
                calls.add("RDY " + count);
            }
            case 1, 2 -> {
                stream.text("FIN " + text).end(random);
                calls.add("FIN " + id + " " + text);
            }
            case 3 -> {
                long delayMs = random.nextLong(1L << 40);
                stream.text("REQ " + text + " " + delayMs).end(random);
                calls.add("REQ " + id + " " + text + " " + delayMs);
            }
            case 4 -> {
                stream.text("TOUCH " + text).end(random);
                calls.add("TOUCH " + id + " " + text);
            }
            default -> publishing(stream, random, calls);
        }
    }

    /// Any bytes, so also newlines, sizes and command names.
    private static String body(SplittableRandom random) {
        var bytes = new byte[1 + random.nextInt(60)];
        random.nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Commands with wrong words, sizes and bytes between them, or noise altogether.
    private static byte[] garbage(SplittableRandom random) {
        var stream = new Stream();
        if (random.nextInt(20) > 0) {
            stream.text("  V2");
        }
        if (random.nextBoolean()) {
            stream.text("SUB t c\n");
        }
        for (int i = random.nextInt(12); i > 0; i--) {
            for (int words = 1 + random.nextInt(4); words > 0; words--) {
                stream.text(WORDS[random.nextInt(WORDS.length)]).text(words > 1 ? " " : "");
            }
            stream.end(random);
            if (random.nextBoolean()) {
                stream.number(random.nextInt(10) > 0 ? random.nextInt(-1, 70) : random.nextInt());
            }
            if (random.nextInt(3) == 0) {
                stream.text(body(random));
            }
        }
        if (random.nextInt(50) == 0) {
            stream.text("x".repeat(CommandDecoder.MAX_LINE_LENGTH - 2 + random.nextInt(4)))
                    .text("\n");
        }
        return stream.toByteArray();
    }

    private static final class Stream extends ByteArrayOutputStream {
        Stream text(String latin1) {
            writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Stream number(int value) {
            writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
            return this;
        }

        Stream sized(String body) {
            return number(body.length()).text(body);
        }

        /// A line ends with or without a carriage return.
        Stream end(SplittableRandom random) {
            return text(random.nextInt(5) == 0 ? "\r\n" : "\n");
        }
    }
}
