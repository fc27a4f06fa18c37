package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;

/// The file `flushed` of a log: up to which offset a flush has made it durable. It tells damage from a torn end:
/// whatever is not whole below the mark was whole once, and may have been acknowledged.
///
/// ```
///  0          16                24        28
/// +----------+-----------------+---------+
/// | log's id | durable offset  | CRC-32C |   all integers big-endian; the checksum covers what stands before it
/// +----------+-----------------+---------+
/// ```
///
/// It is written over after each flush and not synced, which would cost every producer a second wait for the disk. So
/// the end of a process leaves it exact, and a power loss leaves the mark of some earlier flush, of half a minute ago
/// at most where the system writes back as it does by default. A mark that is behind, torn, or damaged itself says
/// less, never too much; the id keeps a flush that ends late from marking a log that was made in the place of its own.
final class FlushMark {
    static final String FILE_NAME = "flushed";

    private static final int OFFSET_AT = 16;
    private static final int CRC_AT = 24;
    private static final int LENGTH = 28;

    private FlushMark() {}

    /// A disk that has no room even for this leaves an older mark, or none.
    static void write(FileStore files, Path directory, UUID id, long offset) throws IOException {
        var bytes = ByteBuffer.allocate(LENGTH)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(offset);
        bytes.putInt(crc(bytes)).flip();
        try (var file = files.open(directory.resolve(FILE_NAME))) {
            file.write(bytes, 0);
        } catch (NoSuchFileException gone) {
            // So is the directory, with the whole log.
        } catch (IOException cause) {
            if (!DiskFullException.isCauseOf(cause)) {
                throw cause;
            }
        }
    }

    /// 0 when nothing is known.
    static long read(FileStore files, Path directory, UUID id) throws IOException {
        var path = directory.resolve(FILE_NAME);
        if (!files.exists(path)) {
            return 0;
        }
        var bytes = ByteBuffer.allocate(LENGTH);
        try (var file = files.openForReading(path)) {
            if (file.read(bytes, 0) < LENGTH) {
                return 0;
            }
        }
        boolean holds = bytes.getInt(CRC_AT) == crc(bytes)
                && bytes.getLong(0) == id.getMostSignificantBits()
                && bytes.getLong(Long.BYTES) == id.getLeastSignificantBits();
        return holds ? bytes.getLong(OFFSET_AT) : 0;
    }

    private static int crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CRC_AT));
        return (int) crc.getValue();
    }
}
