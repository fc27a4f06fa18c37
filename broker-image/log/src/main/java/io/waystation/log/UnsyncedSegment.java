package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A segment that is to be made durable, on any thread. Immutable.
///
/// What an earlier process left is written anew before the first sync: where that process ended because a sync had
/// failed, the bytes can be read and count as clean, and a sync would succeed without having written them.
///
/// @param from where the bytes of an earlier process begin of which no sync is known
/// @param to where they end; `from` when there are none
record UnsyncedSegment(Path path, long from, long to) {
    private static final int BUFFER_BYTES = 256 * 1024;

    /// Waits for the disk. A file that is gone was deleted with all that it held.
    void sync(FileStore files) throws IOException {
        if (from < to && files.exists(path)) {
            try (var file = files.open(path)) {
                writeAnew(file);
            } catch (NoSuchFileException gone) {
                // with its directory
            }
        }
        files.syncExisting(path);
    }

    void writeAnew(LogFile file) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(to - from, BUFFER_BYTES));
        for (long position = from; position < to; position += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), to - position));
            if (file.read(buffer, position) <= 0) {
                // Another log was made in the place of this one, which is gone with all that it held.
                return;
            }
            file.write(buffer.flip(), position);
        }
    }
}
