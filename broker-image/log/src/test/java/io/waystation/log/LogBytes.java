package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A log's directory as bytes, so that tests can damage it and look at what is left.
final class LogBytes {
    private LogBytes() {}

    static void add(PartitionLog log, long timestampMs, String latin1) {
        var bytes = ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
        log.add(timestampMs, bytes, 0, bytes.remaining());
    }

    static String value(LogReader reader) {
        var bytes = new byte[reader.length()];
        reader.buffer().get(reader.position(), bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Offset, time and value of each record.
    static List<String> records(PartitionLog log) throws IOException {
        var records = new ArrayList<String>();
        try (var reader = log.reader()) {
            while (reader.next()) {
                records.add(reader.offset() + " " + reader.timestampMs() + " " + value(reader));
            }
        }
        return records;
    }

    static Map<String, byte[]> read(Path directory) throws IOException {
        var files = new TreeMap<String, byte[]>();
        for (var name : new DiskFiles().list(directory)) {
            files.put(name, Files.readAllBytes(directory.resolve(name)));
        }
        return files;
    }

    /// Puts the directory into the state that was read.
    static void write(Path directory, Map<String, byte[]> files) throws IOException {
        for (var name : new DiskFiles().list(directory)) {
            if (!files.containsKey(name)) {
                Files.delete(directory.resolve(name));
            }
        }
        for (var file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    static byte[] flipped(byte[] bytes, int at, int mask) {
        var damaged = bytes.clone();
        damaged[at] ^= (byte) mask;
        return damaged;
    }
}
