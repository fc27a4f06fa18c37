package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A text file that is read and replaced as a whole: after a crash at any moment it holds the old text or the new one.
public final class SmallFile {
    private static final String TEMPORARY_SUFFIX = ".tmp";
    /// Far beyond what any of these files holds; more is not one of them.
    private static final int MAX_BYTES = 1024 * 1024;

    private SmallFile() {}

    /// The text, or null when there is no such file.
    public static @Nullable String read(FileStore files, Path path) throws IOException {
        if (!files.exists(path)) {
            return null;
        }
        try (var file = files.open(path)) {
            if (file.size() > MAX_BYTES) {
                throw new IOException(path + ": " + file.size() + " bytes (expected: at most " + MAX_BYTES + ")");
            }
            var bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        }
    }

    /// Writes aside, syncs, renames, syncs the directory.
    public static void write(FileStore files, Path path, String text) throws IOException {
        var temporary = path.resolveSibling(path.getFileName() + TEMPORARY_SUFFIX);
        try (var file = files.open(temporary)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            file.sync();
        }
        files.rename(temporary, path);
        var directory = path.getParent();
        if (directory != null) {
            files.syncDirectory(directory);
        }
    }
}
