package io.waystation.broker.nsqd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskQueueReaderTest {
    private static final int RECORD_BYTES = RecordedNsqd.record("0").length;

    @TempDir
    Path directory;

    private void file(int number, byte[] tail, String... bodies) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var body : bodies) {
            bytes.writeBytes(RecordedNsqd.record(body));
        }
        bytes.writeBytes(tail);
        Files.write(directory.resolve(String.format("t.diskqueue.%06d.dat", number)), bytes.toByteArray());
    }

    private void file(int number, String... bodies) throws IOException {
        file(number, new byte[0], bodies);
    }

    private void metadata(String text) throws IOException {
        Files.writeString(directory.resolve("t.diskqueue.meta.dat"), text);
    }

    private List<String> read() throws IOException {
        var bodies = new ArrayList<String>();
        var queues = Objects.requireNonNull(DiskQueue.list(directory).get("t"));
        var queue = Objects.requireNonNull(queues.get(""));
        try (var reader = new DiskQueueReader(queue)) {
            while (reader.next()) {
                bodies.add(new String(
                        reader.buffer().array(), reader.bodyPosition(), reader.bodyLength(), StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    @Test
    void readingBeginsWhereNsqdStoppedAndGoesThroughAllFiles() throws IOException {
        file(3, "0", "1");
        file(4, "2", "3");
        file(5, "4");
        metadata("4\n3," + RECORD_BYTES + "\n5," + RECORD_BYTES + "\n");

        var bodies = read();

        assertThat(bodies).containsExactly("1", "2", "3", "4");
    }

    @Test
    void aMessageOfAnyLengthIsRead() throws IOException {
        var large = "x".repeat(3_000_000);
        file(0, "", large, "y");
        metadata("3\n0,0\n0,0\n");

        var bodies = read();

        assertThat(bodies).containsExactly("", large, "y");
    }

    @Test
    void filesThatWereReadAndDeletedAfterTheLastSyncAreNotMissed() throws IOException {
        file(5, "4");
        metadata("100\n2,50\n5,0\n");

        var bodies = read();

        assertThat(bodies).containsExactly("4");
    }

    @Test
    void whatWasWrittenAfterTheLastSyncIsReadToo() throws IOException {
        file(0, "0", "1", "2");
        file(1, "3");
        metadata("1\n0,0\n0," + RECORD_BYTES + "\n");

        var bodies = read();

        assertThat(bodies).containsExactly("0", "1", "2", "3");
    }

    @Test
    void withoutMetadataEverythingIsRead() throws IOException {
        file(0, "0");
        file(1, "1");

        var bodies = read();

        assertThat(bodies).containsExactly("0", "1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 20})
    void aRecordThatWasNeverWrittenWholeEndsTheFile(int bytes) throws IOException {
        var torn = Arrays.copyOf(RecordedNsqd.record("torn"), bytes);
        file(0, torn, "0");
        metadata("1\n0,0\n0," + RECORD_BYTES + "\n");

        var bodies = read();

        assertThat(bodies).containsExactly("0");
    }

    @Test
    void zeroesBehindWhatWasSyncedEndTheFile() throws IOException {
        file(0, new byte[500], "0");
        metadata("1\n0,0\n0," + RECORD_BYTES + "\n");

        var bodies = read();

        assertThat(bodies).containsExactly("0");
    }

    @Test
    void damageWithinWhatWasSyncedIsAnErrorThatSaysWhere() throws IOException {
        file(0, new byte[500], "0");
        metadata("10\n0,0\n0,500\n");

        assertThatThrownBy(this::read)
                .hasMessageStartingWith(directory.resolve("t.diskqueue.000000.dat") + ": at byte " + RECORD_BYTES
                        + ": a record of 0 bytes (expected: 26..")
                .hasMessageContaining("truncate -s " + RECORD_BYTES);
    }

    @Test
    void cutWhereTheErrorSaysItIsReadToThere() throws IOException {
        file(0, "0");
        file(1, "1");
        metadata("10\n0,0\n0,500\n");

        var bodies = read();

        assertThat(bodies).containsExactly("0", "1");
    }

    @Test
    void aRecordWithoutAnIdIsNoMessage() throws IOException {
        var record = RecordedNsqd.record("foreign");
        record[14] = '?';
        file(0, record, "0");
        metadata("2\n0,0\n1,0\n");

        assertThatThrownBy(this::read).hasMessageContaining("a record that is no message");
    }

    @Test
    void aFileMissingBetweenOthersIsAnError() throws IOException {
        file(0, "0");
        file(2, "2");
        metadata("3\n0,0\n2,31\n");

        assertThatThrownBy(this::read)
                .hasMessageContaining("t: its file 000001 is missing (expected: all from 000000 to");
    }

    @Test
    void aFileThatNsqdPutAsideIsNotMissing() throws IOException {
        file(0, "0");
        Files.write(directory.resolve("t.diskqueue.000001.dat.bad"), new byte[9]);
        file(2, "2");
        metadata("3\n0,0\n2,31\n");

        var bodies = read();

        assertThat(bodies).containsExactly("0", "2");
    }

    @Test
    void aQueueWithoutItsFilesIsAnError() throws IOException {
        metadata("3\n4,0\n5,31\n");

        assertThatThrownBy(this::read).hasMessageStartingWith("t: its files are missing (expected: 3 messages");
    }

    @Test
    void aFileShorterThanWhatWasReadOfItIsAnError() throws IOException {
        file(0, "0");
        metadata("3\n0,5000\n0,9000\n");

        assertThatThrownBy(this::read).hasMessageContaining(RECORD_BYTES + " bytes, of which nsqd had read 5000");
    }
}
