package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What the log may count on, whichever files it has. The fake is worth as much as these cases say.
abstract class FileStoreContract {
    abstract FileStore files();

    /// An empty directory.
    abstract Path directory() throws IOException;

    private LogFile open(String name) throws IOException {
        return files().open(directory().resolve(name));
    }

    private void write(String name, String text) throws IOException {
        try (var file = open(name)) {
            file.write(bytes(text), 0);
        }
    }

    private String read(String name) throws IOException {
        try (var file = open(name)) {
            return read(file, 0, (int) file.size());
        }
    }

    private static String read(LogFile file, long position, int length) throws IOException {
        var target = ByteBuffer.allocate(length);
        int count = file.read(target, position);
        assertThat(count).isEqualTo(target.position());
        return new String(target.array(), 0, count, StandardCharsets.US_ASCII);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void openingMakesAnEmptyFile() throws IOException {
        try (var file = open("a")) {
            assertThat(file.size()).isZero();
            assertThat(read(file, 0, 10)).isEmpty();
        }
        assertThat(files().exists(directory().resolve("a"))).isTrue();
    }

    @Test
    void openingForReadingMakesNoFile() throws IOException {
        assertThatThrownBy(() -> files().openForReading(directory().resolve("a")))
                .isInstanceOf(NoSuchFileException.class);

        assertThat(files().exists(directory().resolve("a"))).isFalse();
    }

    @Test
    void whatIsOpenForReadingIsRead() throws IOException {
        write("a", "text");

        try (var file = files().openForReading(directory().resolve("a"))) {
            assertThat(read(file, 1, 10)).isEqualTo("ext");
        }
    }

    @Test
    void openingKeepsWhatIsThere() throws IOException {
        write("a", "hello");

        assertThat(read("a")).isEqualTo("hello");
    }

    @Test
    void aReadEndsWithTheFile() throws IOException {
        try (var file = open("a")) {
            file.write(bytes("hello"), 0);

            assertThat(read(file, 3, 10)).isEqualTo("lo");
            assertThat(read(file, 5, 10)).isEmpty();
            assertThat(read(file, 50, 10)).isEmpty();
            assertThat(read(file, 1, 3)).isEqualTo("ell");
        }
    }

    @Test
    void aWriteTakesAllOfItsSource() throws IOException {
        try (var file = open("a")) {
            var source = bytes("xhellox").position(1).limit(6);
            file.write(source, 0);

            assertThat(source.hasRemaining()).isFalse();
            assertThat(file.size()).isEqualTo(5);
        }
    }

    @Test
    void aWriteReplacesAndExtends() throws IOException {
        write("a", "hello");
        try (var file = open("a")) {
            file.write(bytes("LOW"), 3);
        }

        assertThat(read("a")).isEqualTo("helLOW");
    }

    @Test
    void aWriteBehindTheEndLeavesZeros() throws IOException {
        try (var file = open("a")) {
            file.write(bytes("x"), 3);
        }

        assertThat(read("a")).isEqualTo("\0\0\0x");
    }

    @Test
    void truncatingCutsAndNeverExtends() throws IOException {
        write("a", "hello");
        try (var file = open("a")) {
            file.truncate(10);
            assertThat(file.size()).isEqualTo(5);
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            file.write(bytes("y"), 3);
        }

        assertThat(read("a")).isEqualTo("he\0y");
    }

    @Test
    void handlesOfOneFileSeeEachOther() throws IOException {
        try (var one = open("a");
                var other = open("a")) {
            one.write(bytes("hello"), 0);

            assertThat(read(other, 0, 5)).isEqualTo("hello");
            other.truncate(1);
            assertThat(one.size()).isEqualTo(1);
        }
    }

    @Test
    void aHandleOutlivesTheNameOfItsFile() throws IOException {
        try (var file = open("a")) {
            file.write(bytes("hello"), 0);
            files().rename(directory().resolve("a"), directory().resolve("b"));
            file.write(bytes("J"), 0);
            assertThat(read("b")).isEqualTo("Jello");

            files().delete(directory().resolve("b"));
            file.write(bytes("!"), 5);
            file.sync();

            assertThat(read(file, 0, 6)).isEqualTo("Jello!");
            assertThat(files().exists(directory().resolve("b"))).isFalse();
        }
    }

    @Test
    void aClosedFileIsOfNoUse() throws IOException {
        var file = open("a");
        file.close();
        file.close();

        assertThatThrownBy(() -> file.write(bytes("x"), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::sync).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void namesAreListedInOrder() throws IOException {
        write("b", "");
        write("a", "");
        files().createDirectories(directory().resolve("c"));

        assertThat(files().list(directory())).containsExactly("a", "b", "c");
        assertThat(files().list(directory().resolve("c"))).isEmpty();
        assertThat(files().list(directory().resolve("absent"))).isEmpty();
        assertThat(files().list(directory().resolve("a"))).isEmpty();
    }

    @Test
    void directoriesAreMadeWithThoseAboveAndOnce() throws IOException {
        var deep = directory().resolve("a").resolve("b").resolve("c");
        files().createDirectories(deep);
        files().createDirectories(deep);

        assertThat(files().exists(deep)).isTrue();
        assertThat(files().list(directory())).containsExactly("a");
    }

    @Test
    void aFileIsNoDirectory() throws IOException {
        write("a", "");

        assertThat(files().exists(directory().resolve("a").resolve("b"))).isFalse();
        assertThatThrownBy(() -> files().createDirectories(directory().resolve("a")))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> open("a/b")).isInstanceOf(IOException.class);
    }

    @Test
    void aDirectoryIsNoFile() throws IOException {
        files().createDirectories(directory().resolve("a"));

        assertThatThrownBy(() -> open("a")).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsAbsentCannotBeUsed() {
        assertThatThrownBy(() -> open("absent/a")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files().delete(directory().resolve("absent"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files().rename(
                                directory().resolve("absent"), directory().resolve("b")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files().syncDirectory(directory().resolve("absent")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void onlyAnEmptyDirectoryIsDeleted() throws IOException {
        files().createDirectories(directory().resolve("d"));
        write("d/a", "");

        assertThatThrownBy(() -> files().delete(directory().resolve("d"))).isInstanceOf(IOException.class);
        files().delete(directory().resolve("d/a"));
        files().delete(directory().resolve("d"));
        assertThat(files().list(directory())).isEmpty();
    }

    @Test
    void renamingReplacesAFile() throws IOException {
        write("a", "new");
        write("b", "old");

        files().rename(directory().resolve("a"), directory().resolve("b"));

        assertThat(files().list(directory())).containsExactly("b");
        assertThat(read("b")).isEqualTo("new");
    }

    @Test
    void renamingTakesADirectoryWithAllInIt() throws IOException {
        files().createDirectories(directory().resolve("d"));
        write("d/a", "hello");

        files().rename(directory().resolve("d"), directory().resolve("e"));

        assertThat(files().list(directory())).containsExactly("e");
        assertThat(read("e/a")).isEqualTo("hello");
    }

    @Test
    void renamingReplacesNoDirectoryThatHoldsSomething() throws IOException {
        files().createDirectories(directory().resolve("d"));
        files().createDirectories(directory().resolve("e"));
        write("d/a", "source");
        write("e/b", "target");

        assertThatThrownBy(() ->
                        files().rename(directory().resolve("d"), directory().resolve("e")))
                .isInstanceOf(IOException.class);

        assertThat(files().list(directory().resolve("d"))).containsExactly("a");
        assertThat(files().list(directory().resolve("e"))).containsExactly("b");
    }

    @Test
    void aRenameThatFailsLeavesTheSource() throws IOException {
        write("a", "hello");

        assertThatThrownBy(() ->
                        files().rename(directory().resolve("a"), directory().resolve("absent/a")))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(read("a")).isEqualTo("hello");
    }

    @Test
    void syncingAnAbsentFileDoesNotMakeIt() throws IOException {
        files().syncExisting(directory().resolve("absent"));
        files().syncExisting(directory().resolve("absent/a"));

        assertThat(files().exists(directory().resolve("absent"))).isFalse();
    }

    @Test
    void syncingChangesNothingThatCanBeSeen() throws IOException {
        try (var file = open("a")) {
            file.write(bytes("hello"), 0);
            file.sync();
        }
        files().syncExisting(directory().resolve("a"));
        files().syncDirectory(directory());

        assertThat(read("a")).isEqualTo("hello");
    }
}
