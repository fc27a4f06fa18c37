package io.waystation.daemon;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A daemon's configuration file: the keys at the top of a TOML document, each with a string, a number, a boolean or an
/// array of these. Tables are left out: NSQ has none.
final class ConfigFile {
    /// What stands at one key: an array has one text an element, anything else is one text.
    ///
    /// @param isInteger one number without a fraction, not in quotes
    record Value(boolean isArray, boolean isInteger, List<String> texts) {}

    private final Path path;
    private final Map<String, Value> values = new LinkedHashMap<>();

    private ConfigFile(Path path) {
        this.path = path;
    }

    static Map<String, Value> read(Path path) throws UsageException {
        var file = new ConfigFile(path);
        file.read();
        return file.values;
    }

    private void read() throws UsageException {
        try (var toml = new TomlFactory().createParser(Files.readString(path))) {
            toml.nextToken();
            while (toml.nextToken() == JsonToken.FIELD_NAME) {
                entry(toml);
            }
        } catch (JsonProcessingException malformed) {
            var place = malformed.getLocation();
            throw problem((place == null ? "" : " line " + place.getLineNr()) + ": " + malformed.getOriginalMessage()
                    + " (expected: TOML)");
        } catch (NoSuchFileException absent) {
            throw problem(": no such file");
        } catch (CharacterCodingException binary) {
            throw problem(": not text (expected: TOML in UTF-8)");
        } catch (IOException unreadable) {
            throw problem(": cannot be read: " + unreadable.getMessage());
        }
    }

    private void entry(JsonParser toml) throws IOException, UsageException {
        var key = toml.currentName();
        var token = toml.nextToken();
        if (token == JsonToken.START_OBJECT) {
            toml.skipChildren();
        } else if (token == JsonToken.START_ARRAY) {
            values.put(key, new Value(true, false, elements(key, toml)));
        } else {
            values.put(key, new Value(false, token == JsonToken.VALUE_NUMBER_INT, List.of(toml.getText())));
        }
    }

    private List<String> elements(String key, JsonParser toml) throws IOException, UsageException {
        var elements = new ArrayList<String>();
        while (toml.nextToken() != JsonToken.END_ARRAY) {
            if (!toml.currentToken().isScalarValue()) {
                throw problem(": " + key + ": an array in an array (expected: strings or numbers)");
            }
            elements.add(toml.getText());
        }
        return List.copyOf(elements);
    }

    private UsageException problem(String what) {
        return new UsageException(1, "config: " + path + what);
    }
}
