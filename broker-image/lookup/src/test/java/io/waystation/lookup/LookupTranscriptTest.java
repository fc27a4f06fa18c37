package io.waystation.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Protocol and HTTP API as conversations, see [Transcript]. `-Dtranscripts.update=true` rewrites what comes out.
class LookupTranscriptTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "transcripts");

    static List<Path> transcripts() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void whatComesOutIsWhatTheTranscriptSays(Path file) throws IOException {
        var lines = Files.readAllLines(file);

        var replayed = Transcript.replay(lines, false);

        if (Boolean.getBoolean("transcripts.update")) {
            Files.writeString(file, replayed);
        }
        assertThat(replayed.lines().toList()).isEqualTo(Files.readAllLines(file));
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void byteByByteNothingElseComesOut(Path file) throws IOException {
        var lines = Files.readAllLines(file);

        var replayed = Transcript.replay(lines, true);

        assertThat(replayed.lines().toList()).isEqualTo(lines);
    }
}
