package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.transcript.NsqdView;
import io.waystation.broker.transcript.Transcript;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The transcripts that our broker is held to, played at the real nsqd. What is meant to differ is written in them.
class TranscriptIT {
    private static final Path FILES = Command.ROOT.resolve("broker-image/broker/src/test/resources/transcripts");

    @TempDir
    Path directory;

    static Stream<String> files() throws IOException {
        try (var entries = Files.list(FILES)) {
            return entries.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void nsqdAnswersAsOurBrokerDoes(String name) throws IOException, UsageException {
        var expected = NsqdView.of(Files.readAllLines(FILES.resolve(name)));

        var played = Transcript.play(expected, RealNsqd::new, directory, false);

        assertThat(NsqdView.alike(played)).isEqualTo(NsqdView.alike(String.join("\n", expected) + "\n"));
    }
}
