package io.waystation.e2e;

import java.util.List;
import java.util.Locale;

/// Bodies of IDENTIFY: objects with the keys that nsqd knows and values of every kind, and what is no such object.
final class FuzzJson {
    private static final List<String> NUMBERS = List.of(
            "heartbeat_interval",
            "output_buffer_size",
            "output_buffer_timeout",
            "msg_timeout",
            "sample_rate",
            "deflate_level");
    private static final List<String> TEXTS = List.of("client_id", "hostname", "user_agent", "short_id", "unknown");
    /// In range for some keys, out of it for others. Heartbeats that could come within a conversation are left out.
    private static final List<String> INTEGERS = List.of(
            "-2",
            "-1",
            "0",
            "1",
            "24",
            "25",
            "63",
            "64",
            "99",
            "100",
            "999",
            "10000",
            "30000",
            "30001",
            "60000",
            "60001",
            "65536",
            "65537",
            "900000",
            "900001",
            "-0",
            "2147483648",
            "9223372036854775807");
    private static final List<String> ODD = List.of(
            "1.0",
            "1e3",
            "01",
            "+1",
            "0x1",
            "9223372036854775808",
            "null",
            "true",
            "\"1\"",
            "\"\"",
            "[]",
            "{}",
            "[1,{\"a\":null}]",
            "\"\\u00e4\\n\"",
            "\"\\x\"",
            "\"\u00e4\"",
            "nul",
            "");
    private static final List<String> NO_OBJECTS = List.of(
            "null",
            "[]",
            "1",
            "\"a\"",
            "{",
            "{}{}",
            "{} x",
            "{\"a\"}",
            "{\"a\":1,}",
            "{'a':1}",
            "{a:1}",
            "\u00ef\u00bb\u00bf{}",
            " {} ",
            "\t\n{}\r",
            "{}\0",
            "// x\n{}",
            "true");

    private final FuzzWords words;
    private final List<String> flags;

    /// @param flags the keys that are true or false; none that is followed by an upgrade
    FuzzJson(FuzzWords words, List<String> flags) {
        this.words = words;
        this.flags = flags;
    }

    String body() {
        return words.chance(20) ? words.any(NO_OBJECTS) : object();
    }

    private String object() {
        var object = new StringBuilder("{");
        for (int left = words.below(4); left >= 0; left--) {
            object.append(field());
            if (left > 0) {
                object.append(words.any(",", " , ", ",\n"));
            }
        }
        return object.append('}').toString();
    }

    private String field() {
        var kind = words.any(NUMBERS, NUMBERS, NUMBERS, TEXTS, flags);
        var key = words.any(kind);
        if (words.chance(10)) {
            key = words.any(key.toUpperCase(Locale.ROOT), "Feature_Negotiation", key + "s", key.replace('_', '-'));
        }
        return "\"" + key + "\":" + (words.chance(15) ? words.any(ODD) : value(kind));
    }

    private String value(List<String> kind) {
        if (kind.equals(flags)) {
            return words.any("true", "true", "false");
        }
        return kind.equals(NUMBERS) ? words.any(INTEGERS) : words.any("\"a\"", "\"a\\\"b\"", "\"\"");
    }
}
