package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreedLaterTest {
    private final CountingFiles counted = new CountingFiles();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private int failureCount;
    private final FreedLater files = new FreedLater(counted, later::add, () -> failureCount++);

    @TempDir
    Path directory;

    @Test
    void aDeletedFileIsGoneAtOnceAndFreedLater() throws IOException {
        var path = file("00000000000000000000.log");

        files.delete(path);

        assertThat(files.exists(path)).isFalse();
        assertThat(counted.open).isEqualTo(1);
        later.remove().run();
        assertThat(counted.open).isZero();
    }

    @Test
    void aNewFileMayTakeTheNameMeanwhile() throws IOException {
        var path = file("cursors");
        files.delete(path);
        file("cursors");

        later.remove().run();

        assertThat(files.exists(path)).isTrue();
    }

    @Test
    void anEmptyDirectoryIsDeletedLikewise() throws IOException {
        files.delete(Files.createDirectory(directory.resolve("topic")));

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatCannotBeDeletedIsNotHeld() throws IOException {
        file("full");

        assertThatThrownBy(() -> files.delete(directory)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> files.delete(directory.resolve("absent"))).isInstanceOf(NoSuchFileException.class);
        assertThat(counted.open).isZero();
        assertThat(later).isEmpty();
    }

    @Test
    void onceTheThreadHasEndedFilesAreFreedAtOnce() throws IOException {
        var ended = new FreedLater(
                counted,
                task -> {
                    throw new RejectedExecutionException();
                },
                () -> failureCount++);
        var path = file("last");

        ended.delete(path);

        assertThat(path).doesNotExist();
        assertThat(counted.open).isZero();
    }

    @Test
    void aCloseThatFailsIsCounted() throws IOException {
        files.delete(file("segment"));
        counted.failing = true;

        later.remove().run();

        assertThat(failureCount).isEqualTo(1);
    }

    private Path file(String name) throws IOException {
        var path = directory.resolve(name);
        try (var file = counted.open(path)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
        }
        return path;
    }

    private static final class CountingFiles extends ForwardingFiles {
        private int open;
        private boolean failing;

        CountingFiles() {
            super(new DiskFiles());
        }

        @Override
        protected LogFile opened(LogFile file) {
            open++;
            return new ForwardingFile(file) {
                @Override
                public void close() throws IOException {
                    super.close();
                    open--;
                    if (failing) {
                        throw new IOException("Input/output error");
                    }
                }
            };
        }
    }
}
