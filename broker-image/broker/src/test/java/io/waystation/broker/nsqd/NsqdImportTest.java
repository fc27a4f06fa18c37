package io.waystation.broker.nsqd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.topic.TopicDirectories;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.Moment;
import io.waystation.log.DiskFiles;
import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The import alone: which files it makes, and what becomes of it when it is killed or cannot be done.
class NsqdImportTest {
    private static final int SHARD = 1;
    private static final LogSettings SETTINGS = LogSettings.defaults().withSegmentBytes(4096);

    @TempDir
    Path data;

    @BeforeEach
    void record() throws IOException {
        RecordedNsqd.copyTo(data);
    }

    private long run(FileStore files) throws IOException {
        return new NsqdImport(files, data, SHARD, SETTINGS).run();
    }

    /// Per topic: the offsets of its log, and per channel floor and pause.
    private String imported() throws IOException {
        var files = new DiskFiles();
        var topics = new TreeMap<String, String>();
        var directory = data.resolve("shards/1/topics");
        for (var name : files.list(directory)) {
            try (var log = PartitionLog.open(files, directory.resolve(name), SETTINGS);
                    var cursors = CursorLog.open(
                            files,
                            directory.resolve(name + "/cursors"),
                            log,
                            CursorLogSettings.of(SETTINGS),
                            new Moment(0, 0))) {
                var text = new StringBuilder(log.startOffset() + ".." + log.endOffset());
                text.append(cursors.topicPaused() ? " paused" : "");
                cursors.channels()
                        .forEach((channel, cursor) -> text.append(", ")
                                .append(channel)
                                .append(" from ")
                                .append(cursor.floor())
                                .append(" gap ")
                                .append(cursors.property(channel, "gap"))
                                .append(cursors.paused(channel) ? " paused" : ""));
                topics.put(name, text.toString());
            }
        }
        return topics.toString();
    }

    private static final String ALL =
            "{empty=0..0, c from 0 gap null, orders=0..56 paused, audit from 0 gap 41-51 paused, billing from 41 gap null,"
                    + " waiting=0..3}";

    @Test
    void everyQueueBecomesAPartOfItsTopicsLog() throws IOException {
        long messages = run(new DiskFiles());

        assertThat(messages).isEqualTo(59);
        assertThat(imported()).isEqualTo(ALL);
    }

    @Test
    void theOriginalsStayAsTheyAre() throws IOException {
        var before = RecordedNsqd.contents(data);

        run(new DiskFiles());

        assertThat(RecordedNsqd.contents(data)).isEqualTo(before);
    }

    @Test
    void whatIsImportedIsNeverImportedAgain() throws IOException {
        run(new DiskFiles());
        Files.writeString(data.resolve("nsqd.dat"), "broken since");

        long messages = run(new DiskFiles());

        assertThat(messages).isZero();
        assertThat(imported()).isEqualTo(ALL);
    }

    @Test
    void killedAtAnyMomentTheNextStartGoesOn() throws IOException {
        int changes = 0;
        while (killedAfter(changes)) {
            run(new UnsyncedFiles());

            assertThat(imported()).as("killed after %d changes", changes).isEqualTo(ALL);
            removeImported();
            changes++;
        }

        assertThat(changes).isGreaterThan(30);
        assertThat(imported()).isEqualTo(ALL);
    }

    private boolean killedAfter(int changes) throws IOException {
        var files = new KilledFiles(new UnsyncedFiles(), changes);
        try {
            run(files);
            return false;
        } catch (IOException killed) {
            assertThat(files.isKilled()).as("%s", killed).isTrue();
            return true;
        }
    }

    private void removeImported() throws IOException {
        var files = new DiskFiles();
        TopicDirectories.removeTree(files, data.resolve("shards"));
        Files.delete(data.resolve("nsqd-import"));
    }

    @Test
    void topicsOfThisBrokerAreNotMixedWithAnNsqds() throws IOException {
        Files.createDirectories(data.resolve("shards/1/topics/ours"));

        assertThatThrownBy(() -> run(new DiskFiles()))
                .hasMessage("nsqd import: " + data + " holds an nsqd's files beside topics of this broker, such as ours"
                        + " (expected: one or the other; move nsqd's files elsewhere)");
    }

    @Test
    void aQueueThatTheMetadataDoesNotNameIsImportedToo() throws IOException {
        Files.delete(data.resolve("nsqd.dat"));

        run(new DiskFiles());

        assertThat(imported())
                .isEqualTo("{empty=0..0, c from 0 gap null, orders=0..56, audit from 0 gap 41-51, billing from 41 gap"
                        + " null, waiting=0..3}");
    }

    @Test
    void namesOutsideTheGrammarAreSkipped() throws IOException {
        Files.writeString(data.resolve("nsqd.dat"), """
                {"topics":[{"name":"no blank","paused":false,"channels":[]},
                {"name":"orders","channels":[{"name":"x!"},{"name":"new","paused":true,"other":[{}]}]}],"version":"1"}
                """);

        run(new DiskFiles());

        assertThat(imported())
                .contains("orders=0..56, audit from 0 gap 41-51, billing from 41 gap null, new from 51 gap null paused")
                .doesNotContain("blank", "x!");
    }

    @Test
    void damageStopsTheImportAndWhatWasDoneStays() throws IOException {
        var damaged = data.resolve("orders:billing.diskqueue.000001.dat");
        var whole = Files.readAllBytes(damaged);
        Files.writeString(damaged, "not a queue");

        assertThatThrownBy(() -> run(new DiskFiles()))
                .hasMessageStartingWith("nsqd import: " + damaged + ": at byte 0: a record of");

        Files.write(damaged, whole);
        run(new DiskFiles());
        assertThat(imported()).isEqualTo(ALL);
    }

    /// The end of a process takes nothing from what was written, so waiting for the disk would prove nothing.
    private static final class UnsyncedFiles extends ForwardingFiles {
        UnsyncedFiles() {
            super(new DiskFiles());
        }

        @Override
        protected LogFile opened(LogFile file) {
            return new ForwardingFile(file) {
                @Override
                public void sync() {}
            };
        }

        @Override
        public void syncExisting(Path path) {}

        @Override
        public void syncDirectory(Path path) {}
    }
}
