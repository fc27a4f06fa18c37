package io.waystation.broker.nsqd;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages of one [DiskQueue], from where nsqd would go on reading to the last whole record. Confined to one
/// thread. Holds one message at a time.
///
/// ```
/// record   int32 length | int64 time (ns since 1970) | uint16 attempts | 16 bytes id | body
///          length counts what follows it: 26 + body
/// ```
///
/// Behind the writing position of the metadata nothing was synced, so what is not a whole record there ends the file.
/// Anywhere else it is an error, because nobody can tell how much is lost.
final class DiskQueueReader implements AutoCloseable {
    static final int HEADER_BYTES = 26;
    /// Larger than any nsqd can be told to take; a greater length is not one.
    static final int MAX_RECORD_BYTES = 256 * 1024 * 1024 + HEADER_BYTES;

    private static final int ID_POSITION = 10;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(DiskQueueReader.class);

    private final DiskQueue queue;
    private final DiskQueue.@Nullable Start start;
    private final Iterator<Map.Entry<Long, Path>> files;
    private @Nullable Path file;
    private long fileNumber;
    private long fileBytes;
    private long position;
    private @Nullable DataInputStream input;
    private ByteBuffer record = ByteBuffer.allocate(BUFFER_BYTES);
    private int recordBytes;

    DiskQueueReader(DiskQueue queue) throws IOException {
        this.queue = queue;
        this.start = queue.start();
        long first = start == null ? 0 : start.readFile();
        var unread = queue.files().tailMap(first, true);
        checkComplete(List.copyOf(unread.keySet()));
        this.files = unread.entrySet().iterator();
        if (start == null && !unread.isEmpty()) {
            LOG.atWarn().addKeyValue("queue", queue.name()).log("import: no metadata, read from its beginning");
        }
    }

    /// Files are deleted from the first on, as they are read; so only the first ones may be missing, and those that
    /// nsqd found damaged and put aside.
    private void checkComplete(List<Long> numbers) throws IOException {
        if (numbers.isEmpty() && start != null && start.depth() > 0) {
            throw new IOException(String.format(
                    "%s: its files are missing (expected: %d messages in files from %06d on; an empty file in place of"
                            + " the first stands for all of them)",
                    queue.name(), start.depth(), start.readFile()));
        }
        for (int i = 1; i < numbers.size(); i++) {
            if (numbers.get(i) != numbers.get(i - 1) + 1 && !isPutAside(numbers.get(i - 1) + 1)) {
                throw new IOException(String.format(
                        "%s: its file %06d is missing (expected: all from %06d to %06d; an empty file in its place stands"
                                + " for one that is lost)",
                        queue.name(), numbers.get(i - 1) + 1, numbers.getFirst(), numbers.getLast()));
            }
        }
    }

    private boolean isPutAside(long number) {
        var first = queue.files().firstEntry().getValue();
        var name = String.format("%s.diskqueue.%06d.dat.bad", queue.name(), number);
        return Files.exists(first.resolveSibling(name)) || Files.exists(first.resolveSibling(name.replace(':', ';')));
    }

    /// Goes to the next message; false when there are no more.
    boolean next() throws IOException {
        while (true) {
            if (input == null && !openNext()) {
                return false;
            }
            if (readRecord()) {
                return true;
            }
            closeFile();
        }
    }

    private boolean openNext() throws IOException {
        if (!files.hasNext()) {
            return false;
        }
        var entry = files.next();
        var path = entry.getValue();
        file = path;
        fileNumber = entry.getKey();
        fileBytes = Files.size(path);
        position = start != null && fileNumber == start.readFile() ? start.readPosition() : 0;
        if (position > fileBytes) {
            throw new IOException(path + ": " + fileBytes + " bytes, of which nsqd had read " + position
                    + " (expected: at least as many; an empty file in its place stands for one that is lost)");
        }
        var stream = Files.newInputStream(path);
        input = new DataInputStream(new BufferedInputStream(stream, BUFFER_BYTES));
        input.skipNBytes(position);
        return true;
    }

    /// False at the end of the file's records.
    private boolean readRecord() throws IOException {
        var source = input;
        long left = fileBytes - position;
        if (source == null || left == 0) {
            return false;
        }
        if (left < Integer.BYTES) {
            return broken(left + " bytes, too few for a record's length");
        }
        int length = source.readInt();
        if (length < HEADER_BYTES || length > MAX_RECORD_BYTES) {
            return broken(
                    "a record of " + length + " bytes (expected: " + HEADER_BYTES + ".." + MAX_RECORD_BYTES + ")");
        }
        if (length > left - Integer.BYTES) {
            return broken("a record of " + length + " bytes, of which " + (left - Integer.BYTES) + " are there");
        }
        if (length > record.capacity()) {
            record = ByteBuffer.allocate(Math.max(length, (int) Math.min(2L * record.capacity(), MAX_RECORD_BYTES)));
        }
        source.readFully(record.array(), 0, length);
        recordBytes = length;
        if (!isMessage()) {
            return broken("a record that is no message (expected: an id of 16 hex digits)");
        }
        position += Integer.BYTES + length;
        return true;
    }

    private boolean isMessage() {
        for (int i = ID_POSITION; i < HEADER_BYTES; i++) {
            if (Character.digit(record.get(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /// What is no record ends the file where nothing was synced, and is an error elsewhere.
    private boolean broken(String what) throws IOException {
        if (isSynced()) {
            throw new IOException(file + ": at byte " + position + ": " + what + ". The file is damaged, or not nsqd's."
                    + " To import what stands before that, cut a copy of it there (truncate -s " + position
                    + ") and put it in its place");
        }
        LOG.atWarn()
                .addKeyValue("file", String.valueOf(file))
                .addKeyValue("position", position)
                .addKeyValue("bytes", fileBytes - position)
                .addKeyValue("found", what)
                .log("import: the end of a queue was never written whole, passed over");
        return false;
    }

    private boolean isSynced() {
        if (start == null) {
            return position == 0 || !queue.files().lastKey().equals(fileNumber);
        }
        return fileNumber < start.writeFile() || (fileNumber == start.writeFile() && position < start.writePosition());
    }

    long timestampNs() {
        return record.getLong(0);
    }

    ByteBuffer buffer() {
        return record;
    }

    int bodyPosition() {
        return HEADER_BYTES;
    }

    int bodyLength() {
        return recordBytes - HEADER_BYTES;
    }

    private void closeFile() throws IOException {
        if (input != null) {
            input.close();
            input = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeFile();
    }
}
