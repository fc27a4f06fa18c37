package io.waystation.broker.nsqd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The directory of an nsqd 1.3.0 that was stopped by SIGTERM, with `--max-bytes-per-file=1000`.
///
/// - `orders`, paused, has 5 messages of its own, `order 40` to `order 44`. Its channel `audit`, paused, has 41: the
///   ones before and `later`, which was deferred. Its channel `billing` was emptied and has 10: `order 30` to
///   `order 39`.
/// - `waiting` has no channel and 3 messages, `empty` has a channel and none.
public final class RecordedNsqd {
    private RecordedNsqd() {}

    /// Copies the files.
    public static void copyTo(Path directory) throws IOException {
        try (var files = Files.list(resources())) {
            for (var file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName().toString()));
            }
        }
    }

    private static Path resources() {
        try {
            URI uri = RecordedNsqd.class.getResource("/nsqd-data").toURI();
            return Path.of(uri);
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The files of nsqd in the directory, by name, with what is in them.
    public static Map<String, ByteBuffer> contents(Path directory) throws IOException {
        var contents = new TreeMap<String, ByteBuffer>();
        try (var files = Files.list(directory)) {
            files.filter(file -> file.getFileName().toString().endsWith(".dat")).forEach(file -> {
                try {
                    contents.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
        return contents;
    }

    /// A record as nsqd writes it.
    static byte[] record(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + DiskQueueReader.HEADER_BYTES + bytes.length)
                .putInt(DiskQueueReader.HEADER_BYTES + bytes.length)
                .putLong(1_768_939_000_000_000_000L)
                .putShort((short) 1)
                .put("0f1e2d3c4b5a6978".getBytes(StandardCharsets.US_ASCII))
                .put(bytes)
                .array();
    }
}
