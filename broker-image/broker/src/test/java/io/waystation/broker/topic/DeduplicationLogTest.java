package io.waystation.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeduplicationLogTest {
    /// More than one record holds.
    private static final int KEYS = 5_000;

    @TempDir
    Path directory;

    /// Files that grow so many times more.
    private static final class NearlyFullFiles extends ForwardingFiles {
        int writesLeft = Integer.MAX_VALUE;

        NearlyFullFiles(FileStore files) {
            super(files);
        }

        @Override
        protected LogFile opened(LogFile file) {
            return new ForwardingFile(file) {
                @Override
                public void write(ByteBuffer source, long position) throws IOException {
                    if (--writesLeft < 0) {
                        throw new IOException("No space left on device");
                    }
                    super.write(source, position);
                }
            };
        }
    }

    private static DeduplicationLog open(FileStore files, Path directory) throws IOException {
        return DeduplicationLog.open(files, directory, LogSettings.defaults());
    }

    private static void add(DeduplicationLog log, int from, int to) {
        for (int i = from; i < to; i++) {
            log.add(1, i, 100, i);
        }
    }

    @Test
    void what_does_not_fit_on_the_disk_is_written_by_the_next_write() throws IOException {
        for (int writes = 0; writes < 2; writes++) {
            var files = new NearlyFullFiles(new DiskFiles());
            var target = directory.resolve("keys-" + writes);
            var log = open(files, target);
            log.write(0, 100);
            add(log, 0, KEYS);
            files.writesLeft = writes;

            assertThatThrownBy(() -> log.write(KEYS, 100)).isInstanceOf(DiskFullException.class);

            assertThat(log.covered()).isZero();
            expect(target, 0);
            files.writesLeft = Integer.MAX_VALUE;
            log.write(KEYS, 100);
            assertThat(log.covered()).isEqualTo(KEYS);
            expect(target, KEYS);
        }
    }

    /// A start finds all keys below the offset, and reads the messages from there on.
    private static void expect(Path directory, int covered) throws IOException {
        var window = new KeyWindow();
        var log = open(new DiskFiles(), directory);
        log.read(window, KEYS, 100);
        assertThat(log.covered()).isEqualTo(covered);
        for (int i = 0; i < covered; i++) {
            assertThat(window.contains(1, i)).as("key %d", i).isTrue();
        }
    }
}
