package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import io.waystation.log.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories that a broker must not use: told by name, and left as they are.
class DataPathTest {
    @TempDir
    Path data;

    private void start(Path path) throws IOException, UsageException {
        new TestBroker(path).close();
    }

    @Test
    void whatIsNotThereIsToldByName() {
        var absent = data.resolve("absent");

        assertThatThrownBy(() -> start(absent))
                .hasMessage("data-path: " + absent + " does not exist (expected: a directory of its own)");
    }

    @Test
    void aFileIsNoDirectory() throws IOException {
        var file = Files.writeString(data.resolve("file"), "x");

        assertThatThrownBy(() -> start(file))
                .hasMessage("data-path: " + file + " is not a directory (expected: a directory of its own)");
    }

    @Test
    void whatCannotBeWrittenIsToldWithItsCause() throws IOException {
        // A directory where the lock belongs refuses to be written even to root.
        Files.createDirectory(data.resolve("lock"));

        assertThatThrownBy(() -> start(data))
                .hasMessageStartingWith("data-path: cannot write to " + data + ": ")
                .hasMessageEndingWith("(expected: a directory that this user may write to)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    nsqd.dat               | nsqd.dat: Unrecognized token 'theirs'
                    t.diskqueue.000000.dat | t.diskqueue.000000.dat: at byte 0: a record of 1952998761 bytes (expected: 26..268435482)
                    t:c.diskqueue.meta.dat | t:c.diskqueue.meta.dat: not the metadata of a queue (expected:
                    t.diskqueue.x.dat      | t.diskqueue.x.dat: not the name of an nsqd's file (expected:
                    t!.diskqueue.meta.dat  | t!.diskqueue.meta.dat: not the name of an nsqd's file (expected:
                    """)
    void whatHasTheNameOfAnNsqdsFileAndIsNoneIsToldAndKept(String name, String error) throws IOException {
        Files.writeString(data.resolve(name), "theirs");

        assertThatThrownBy(() -> start(data))
                .hasMessageStartingWith("nsqd import: " + data)
                .hasMessageContaining(error);

        assertThat(data.resolve(name)).hasContent("theirs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PG_VERSION", "meta.properties", ".hidden", "topic-0"})
    void anotherProgramsFilesAreLeftAlone(String name) throws IOException {
        Files.writeString(data.resolve(name), "theirs");

        assertThatThrownBy(() -> start(data))
                .hasMessage("data-path: " + data + " holds " + name
                        + ", which is not ours (expected: an empty directory or one that a broker used before)");

        assertThat(names()).containsExactly(name);
    }

    @Test
    void aFileSystemsOwnDirectoryIsTolerated() throws IOException, UsageException {
        Files.createDirectory(data.resolve("lost+found"));

        start(data);

        assertThat(names()).contains("lost+found", "identity");
    }

    @Test
    void oneBrokerHasADirectory() throws IOException, UsageException {
        try (var first = new TestBroker(data)) {
            assertThatThrownBy(() -> start(data))
                    .hasMessage("data-path: " + data + " is in use by process "
                            + ProcessHandle.current().pid() + " (expected: a directory of its own for each broker)");

            assertThat(first.get("/ping").body()).isEqualTo("OK");
        }
        start(data);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    version: 1               | version: 2               | has format version 2 (expected: 1; a later release used it)
                    version: 1               | vers                     | identity: no line 'version: ...' (expected: the identity that a broker wrote when it first used this directory)
                    node_id: 1               | node_id: one             | identity: For input string: "one"
                    node_id: 1               | node_id: 7               | node-id: 1 (expected: 7, to which
                    volume_id:               | volume:                  | identity: Invalid UUID string: null
                    """)
    void anIdentityThatIsNotOursIsToldAndKept(String ours, String other, String error)
            throws IOException, UsageException {
        start(data);
        var identity = data.resolve("identity");
        replace(identity, ours, other);
        var changed = Files.readString(identity);

        assertThatThrownBy(() -> start(data)).hasMessageContaining(error);

        assertThat(identity).hasContent(changed);
    }

    @Test
    void anIdentityThatIsDamagedIsToldAndKept() throws IOException, UsageException {
        start(data);
        var identity = data.resolve("identity");
        var damaged = Files.readString(identity).replace("node_id: 1", "node_id: 3");
        Files.writeString(identity, damaged);

        assertThatThrownBy(() -> start(data))
                .hasMessageContaining(identity + " is damaged: it ends with 'crc32c: ")
                .hasMessageEndingWith("', the checksum of what stands before)");

        assertThat(identity).hasContent(damaged);
    }

    /// As a broker would have written it.
    private static void replace(Path file, String ours, String other) throws IOException {
        var files = new DiskFiles();
        var text = Objects.requireNonNull(SmallFile.read(files, file));
        SmallFile.write(files, file, text.replace(ours, other));
    }

    @Test
    void aTopicOfALaterReleaseIsToldAndKept() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t", "x");
        }
        var meta = data.resolve("shards/1/topics/t/meta");
        replace(meta, "version: 0", "version: 9");

        try (var broker = new TestBroker(data)) {
            assertThat(broker.get("/waystation/v1/info").body())
                    .contains("\"damagedTopics\":{\"t\":\"java.io.IOException: " + meta
                            + ": version 9 (expected: 0; a later release wrote it)\"}");
            assertThat(broker.post("/pub?topic=t", "y").status()).isEqualTo(503);
        }

        replace(meta, "version: 9", "version: 0");
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            assertThat(consumer.message().body()).isEqualTo("x");
        }
    }

    private List<String> names() throws IOException {
        try (var entries = Files.list(data)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
