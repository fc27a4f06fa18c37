package io.waystation.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The part of TOML that NSQ's configuration files use: `key = value` with strings, numbers, booleans and arrays of
/// these, and comments. Durations may be numbers, which then are milliseconds.
final class ConfigFile {
    private final Path path;
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private int lineNumber;

    private ConfigFile(Path path) {
        this.path = path;
    }

    /// Key to value; an array has one element each, anything else is an array of one.
    static Map<String, List<String>> read(Path path) throws UsageException {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (IOException unreadable) {
            throw new UsageException(1, "config: cannot read " + path + ": " + unreadable);
        }
        var file = new ConfigFile(path);
        var statement = new StringBuilder();
        for (var line : lines) {
            file.lineNumber++;
            statement.append(withoutComment(line)).append(' ');
            var text = statement.toString().strip();
            if (text.contains("[")
                    && text.contains("=")
                    && !text.endsWith("]")
                    && text.indexOf('=') < text.indexOf('[')) {
                continue;
            }
            file.statement(text);
            statement.setLength(0);
        }
        file.statement(statement.toString().strip());
        return file.values;
    }

    private static String withoutComment(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#') {
                return line.substring(0, i);
            }
        }
        return line;
    }

    private void statement(String text) throws UsageException {
        if (text.isEmpty() || text.startsWith("[")) {
            return;
        }
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw problem("'" + text + "' (expected: key = value)");
        }
        var key = text.substring(0, equals).strip();
        var value = text.substring(equals + 1).strip();
        if (!value.startsWith("[")) {
            values.put(key, List.of(scalar(value)));
            return;
        }
        if (!value.endsWith("]")) {
            throw problem("an array without an end");
        }
        var elements = new ArrayList<String>();
        for (var element : value.substring(1, value.length() - 1).split(",", -1)) {
            if (!element.isBlank()) {
                elements.add(scalar(element.strip()));
            }
        }
        values.put(key, elements);
    }

    private String scalar(String text) throws UsageException {
        if (text.length() >= 2 && (text.charAt(0) == '"' || text.charAt(0) == '\'')) {
            if (text.charAt(text.length() - 1) != text.charAt(0)) {
                throw problem(text + " (expected: a closing quote)");
            }
            return text.substring(1, text.length() - 1);
        }
        if (!text.matches("true|false|[+-]?[0-9_]+(\\.[0-9]+)?")) {
            throw problem("'" + text + "' (expected: a string in quotes, a number, true or false)");
        }
        return text.replace("_", "");
    }

    private UsageException problem(String what) {
        return new UsageException(1, "config: " + path + " line " + lineNumber + ": " + what);
    }
}
