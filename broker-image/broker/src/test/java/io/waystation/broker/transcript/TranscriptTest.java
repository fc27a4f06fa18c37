package io.waystation.broker.transcript;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.TestBroker;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `-Dtest.jvm=-Dtranscripts.rewrite=true` puts what the broker answers into the files.
class TranscriptTest {
    private static final Path FILES = Path.of("src/test/resources/transcripts");

    @TempDir
    Path data;

    static Stream<String> files() throws IOException {
        try (var entries = Files.list(FILES)) {
            return entries.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theBrokerAnswersAsWritten(String name) throws IOException, UsageException {
        var file = FILES.resolve(name);

        var played = Transcript.play(Files.readAllLines(file), TestBroker::new, data, false);

        if (Boolean.getBoolean("transcripts.rewrite")) {
            Files.writeString(file, played);
        }
        assertThat(played).isEqualTo(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("files")
    void theBrokerAnswersTheSameByteByByte(String name) throws IOException, UsageException {
        var file = FILES.resolve(name);

        assertThat(Transcript.play(Files.readAllLines(file), TestBroker::new, data, true))
                .isEqualTo(Files.readString(file));
    }
}
