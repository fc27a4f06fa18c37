package io.waystation.broker.nsqd;

import io.waystation.wire.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files of one queue of nsqd, a topic's or a channel's, and which part of them is still to be read.
///
/// ```
/// <topic>.diskqueue.meta.dat             <topic>:<channel>.diskqueue.meta.dat
/// <topic>.diskqueue.000000.dat …         <topic>:<channel>.diskqueue.000000.dat …
/// ```
///
/// The metadata, `depth\nreadFile,readPosition\nwriteFile,writePosition\n`, is as old as the last sync: behind the
/// writing position there may be more records, and what lies between the reading position and the truth has been
/// delivered already.
///
/// @param channel null for the queue of the topic itself
/// @param files data files by number
/// @param start null when there is no metadata
record DiskQueue(
        String topic,
        @Nullable String channel,
        TreeMap<Long, Path> files,
        @Nullable Start start) {
    private static final Pattern NAME =
            Pattern.compile("(?<topic>.+?)([:;](?<channel>.+))?\\.diskqueue\\.(?<part>meta|[0-9]{6,})\\.dat");
    private static final Pattern METADATA = Pattern.compile(
            "(?<depth>[0-9]+)\n(?<readFile>[0-9]+),(?<readPosition>[0-9]+)\n(?<writeFile>[0-9]+),(?<writePosition>[0-9]+)\n?");
    private static final long MAX_METADATA_BYTES = 200;

    /// What the metadata says.
    record Start(long depth, long readFile, long readPosition, long writeFile, long writePosition) {}

    /// By topic and, within it, channel: the empty name is the topic's own queue.
    static Map<String, Map<String, DiskQueue>> list(Path directory) throws IOException {
        var queues = new TreeMap<String, Map<String, DiskQueue>>();
        try (var entries = Files.newDirectoryStream(directory, "*.diskqueue.*.dat")) {
            for (var entry : entries) {
                add(queues, entry);
            }
        }
        return queues;
    }

    private static void add(Map<String, Map<String, DiskQueue>> queues, Path file) throws IOException {
        var name = NAME.matcher(String.valueOf(file.getFileName()));
        if (!name.matches() || !Names.isValid(name.group("topic")) || !isChannel(name.group("channel"))) {
            throw new IOException(file + ": not the name of an nsqd's file"
                    + " (expected: <topic>[:<channel>].diskqueue.<number>.dat; move it elsewhere)");
        }
        var topic = name.group("topic");
        var channel = name.group("channel");
        var ofTopic = queues.computeIfAbsent(topic, first -> new TreeMap<>());
        var key = channel == null ? "" : channel;
        var known = ofTopic.getOrDefault(key, new DiskQueue(topic, channel, new TreeMap<>(), null));
        var part = name.group("part");
        if (part.equals("meta")) {
            ofTopic.put(key, new DiskQueue(topic, channel, known.files, readMetadata(file)));
        } else {
            known.files.put(Long.parseLong(part), file);
            ofTopic.put(key, known);
        }
    }

    private static boolean isChannel(@Nullable String name) {
        return name == null || Names.isValid(name);
    }

    private static Start readMetadata(Path file) throws IOException {
        var text = Files.size(file) > MAX_METADATA_BYTES ? "" : Files.readString(file);
        var numbers = METADATA.matcher(text);
        if (!numbers.matches()) {
            throw new IOException(
                    file + ": not the metadata of a queue (expected: three lines of numbers, as nsqd writes"
                            + " them; without this file the queue is read from its beginning)");
        }
        return new Start(
                Long.parseLong(numbers.group("depth")),
                Long.parseLong(numbers.group("readFile")),
                Long.parseLong(numbers.group("readPosition")),
                Long.parseLong(numbers.group("writeFile")),
                Long.parseLong(numbers.group("writePosition")));
    }

    /// `topic` or `topic:channel`.
    String name() {
        return channel == null ? topic : topic + ":" + channel;
    }
}
