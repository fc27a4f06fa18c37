package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A text file that is read and replaced as a whole: after a crash at any moment it holds the old text or the new one.
/// The last line is the CRC-32C of the lines before it, in eight hexadecimal digits: `crc32c: 1a2b3c4d`.
public final class SmallFile {
    private static final String TEMPORARY_SUFFIX = ".tmp";
    /// Far beyond what any of these files holds; more is not one of them.
    private static final int MAX_BYTES = 1024 * 1024;
    private static final String CHECKSUM = "crc32c: ";
    private static final int CHECKSUM_LINE_LENGTH = CHECKSUM.length() + 8 + 1;

    private SmallFile() {}

    /// The text, or null when there is no such file. Throws [CorruptBatchException] when it is not what was written.
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
            return checked(path, new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        }
    }

    private static String checked(Path path, String content) throws CorruptBatchException {
        int end = Math.max(0, content.length() - CHECKSUM_LINE_LENGTH);
        var text = content.substring(0, end);
        var expected = checksumLine(text);
        if (!content.startsWith(expected, end)) {
            throw new CorruptBatchException(path + " is damaged: it ends with '"
                    + content.substring(end).strip() + "' (expected: '" + expected.strip()
                    + "', the checksum of what stands before)");
        }
        return text;
    }

    private static String checksumLine(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return CHECKSUM + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
    }

    /// Writes aside, syncs, renames, syncs the directory.
    public static void write(FileStore files, Path path, String text) throws IOException {
        var temporary = path.resolveSibling(path.getFileName() + TEMPORARY_SUFFIX);
        try (var file = files.open(temporary)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap((text + checksumLine(text)).getBytes(StandardCharsets.UTF_8)), 0);
            file.sync();
        }
        files.rename(temporary, path);
        var directory = path.getParent();
        if (directory != null) {
            files.syncDirectory(directory);
        }
    }
}
