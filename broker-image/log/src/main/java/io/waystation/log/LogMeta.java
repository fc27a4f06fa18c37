package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The file `meta` of a log: text lines `key: value`, as a [SmallFile].
///
/// @param id made with the log, never changed
/// @param recoveryPoint every offset below it was made durable; what is not whole there was damaged, not torn
record LogMeta(UUID id, long recoveryPoint) {
    static final String FILE_NAME = "meta";

    private static final int VERSION = 0;

    void write(FileStore files, Path directory) throws IOException {
        SmallFile.write(
                files,
                directory.resolve(FILE_NAME),
                "version: " + VERSION + "\nid: " + id + "\nrecovery_point: " + recoveryPoint + "\n");
    }

    static @Nullable LogMeta read(FileStore files, Path directory) throws IOException {
        var path = directory.resolve(FILE_NAME);
        var text = SmallFile.read(files, path);
        if (text == null) {
            return null;
        }
        var version = value(path, text, "version");
        if (!version.equals(Integer.toString(VERSION))) {
            throw new IOException(
                    path + ": version " + version + " (expected: " + VERSION + "; a later release wrote it)");
        }
        try {
            return new LogMeta(
                    UUID.fromString(value(path, text, "id")), Long.parseLong(value(path, text, "recovery_point")));
        } catch (IllegalArgumentException malformed) {
            throw new CorruptBatchException(path + ": " + malformed.getMessage());
        }
    }

    private static String value(Path path, String text, String key) throws IOException {
        for (var line : text.split("\n", -1)) {
            if (line.startsWith(key + ": ")) {
                return line.substring(key.length() + 2);
            }
        }
        throw new CorruptBatchException(path + ": no line '" + key + ": ...'");
    }
}
