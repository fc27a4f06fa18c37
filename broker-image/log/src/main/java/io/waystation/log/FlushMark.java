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
/// It is written over after each flush and not synced, which would cost every producer a second wait
/// for the disk. So the end of a process leaves it exact, and a power loss leaves the mark of some
/// earlier flush, of half a minute ago at most where the system writes back as it does by default.
/// Opening a log that has a mark therefore flushes what it finds and marks that. What cannot be told
/// from a torn end is damage to flushed bytes that comes together with a power loss: what was flushed
/// since the mark that the power loss left, damaged before the next opening has ended.
///
/// The file is made and synced before the first flush is answered, so that no power loss takes it, and
/// writing it over needs no room on the disk. A mark that is behind, torn, or damaged itself says less,
/// never too much; the id keeps a flush that ends late from marking a log that was made in the place of
/// its own.
final class FlushMark {
    static final String FILE_NAME = "flushed";

    private static final int OFFSET_AT = 16;
    private static final int CRC_AT = 24;
    private static final int LENGTH = 28;

    private FlushMark() {}

    /// Makes the file and syncs it, unless a mark shows that this was done; its name is durable once its
    /// directory is. A file without a mark proves nothing, whatever its length: the sync of an earlier
    /// process may have failed, and is not made good by another one unless the bytes are written anew.
    /// Throws [DiskFullException] when there is no room for it.
    static void reserve(FileStore files, Path directory, UUID id) throws IOException {
        if (read(files, directory, id) > 0) {
            return;
        }
        try (var file = files.open(directory.resolve(FILE_NAME))) {
            file.write(bytes(id, 0), 0);
            file.sync();
        } catch (NoSuchFileException gone) {
            // So is the directory, with the whole log.
        } catch (IOException cause) {
            throw DiskFullException.named(cause);
        }
    }

    /// Writes over what was [reserved][#reserve].
    static void write(FileStore files, Path directory, UUID id, long offset) throws IOException {
        try (var file = files.open(directory.resolve(FILE_NAME))) {
            file.write(bytes(id, offset), 0);
        } catch (NoSuchFileException gone) {
            // So is the directory, with the whole log.
        } catch (IOException cause) {
            throw DiskFullException.named(cause);
        }
    }

    private static ByteBuffer bytes(UUID id, long offset) {
        var bytes = ByteBuffer.allocate(LENGTH)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(offset);
        return bytes.putInt(crc(bytes)).flip();
    }

    static boolean exists(FileStore files, Path directory) throws IOException {
        return files.exists(directory.resolve(FILE_NAME));
    }

    /// 0 when nothing is known.
    static long read(FileStore files, Path directory, UUID id) throws IOException {
        if (!exists(files, directory)) {
            return 0;
        }
        var bytes = ByteBuffer.allocate(LENGTH);
        try (var file = files.openForReading(directory.resolve(FILE_NAME))) {
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
