package io.waystation.broker.nsqd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.wire.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What `nsqd.dat` says: the topics and channels that last, and which of them are paused. Immutable once read.
///
/// ```
/// {"topics":[{"name":"t","paused":false,"channels":[{"name":"c","paused":false}]}],"version":"1.3.0"}
/// ```
final class NsqdMetadata {
    static final String FILE = "nsqd.dat";
    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(NsqdMetadata.class);

    /// @param channels by name; the value tells whether it is paused
    record Topic(boolean paused, Map<String, Boolean> channels) {}

    /// One object of the file, of which a channel has no channels.
    private record Entry(@Nullable String name, boolean paused, List<Entry> channels) {}

    private final Path path;
    private final Map<String, Topic> topics = new TreeMap<>();

    private NsqdMetadata(Path path) {
        this.path = path;
    }

    /// Topics by name; none when there is no such file.
    static Map<String, Topic> read(Path directory) throws IOException {
        var metadata = new NsqdMetadata(directory.resolve(FILE));
        if (Files.exists(metadata.path)) {
            metadata.read();
        }
        return metadata.topics;
    }

    private void read() throws IOException {
        try (var json = JSON.createParser(Files.readString(path))) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                if (key.equals("topics")) {
                    entries(json).forEach(this::add);
                } else {
                    json.skipChildren();
                }
            }
        } catch (JsonProcessingException malformed) {
            throw new IOException(
                    path + ": " + malformed.getOriginalMessage() + " (expected: the JSON that nsqd writes)", malformed);
        } catch (IOException unreadable) {
            throw new IOException(
                    path + ": " + unreadable.getMessage() + " (expected: the JSON that nsqd writes)", unreadable);
        }
    }

    private static List<Entry> entries(JsonParser json) throws IOException {
        var entries = new ArrayList<Entry>();
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return entries;
        }
        expect(json, json.currentToken(), JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            entries.add(entry(json));
        }
        return entries;
    }

    private static Entry entry(JsonParser json) throws IOException {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        String name = null;
        boolean paused = false;
        List<Entry> channels = List.of();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            json.nextToken();
            switch (key) {
                case "name" -> name = json.getText();
                case "paused" -> paused = json.getBooleanValue();
                case "channels" -> channels = entries(json);
                default -> json.skipChildren();
            }
        }
        return new Entry(name, paused, channels);
    }

    private static void expect(JsonParser json, @Nullable JsonToken token, JsonToken expected) throws IOException {
        if (token != expected) {
            throw new IOException(
                    "line " + json.currentLocation().getLineNr() + ": " + token + " in place of " + expected);
        }
    }

    private void add(Entry entry) {
        if (isUsable(entry, "topic")) {
            var channels = new TreeMap<String, Boolean>();
            for (var channel : entry.channels()) {
                if (isUsable(channel, "channel")) {
                    channels.put(String.valueOf(channel.name()), channel.paused());
                }
            }
            topics.put(String.valueOf(entry.name()), new Topic(entry.paused(), channels));
        }
    }

    /// As nsqd does, which skips what it could not have written.
    private static boolean isUsable(Entry entry, String noun) {
        var name = entry.name();
        if (name != null && Names.isValid(name)) {
            return true;
        }
        LOG.atWarn()
                .addKeyValue("file", FILE)
                .addKeyValue(noun, String.valueOf(name))
                .log("import: skipped, not a valid name");
        return false;
    }
}
