package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.int32;
import static io.waystation.e2e.FuzzWords.quoted;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.ArrayList;
import java.util.List;

/// Conversations of a client that an auth server is asked about, which answers right, wrong or not at all what the
/// client would have liked.
final class FuzzGrants {
    private static final List<String> WHOLE_ANSWERS =
            List.of("", "null", "[]", "1", "{", "{} x", "\"a\"", "{}", "[{}]");
    private static final List<String> TTLS = List.of("1", "60", "2147483648", "0", "-1", "1.5", "\"60\"", "null");
    private static final List<String> TEXTS =
            List.of("\"user\"", "\"\"", "null", "5", "\"a\\\"b\\\\c\"", "\"<a&b>\"", "\"\\u00e4\\n\"", "\"\\ud800\"");
    private static final List<String> TOPIC_PATTERNS = List.of(
            ".*",
            ".*",
            ".*",
            "^grant-a$",
            "grant",
            "grant-[ab]",
            "",
            "(",
            "*",
            "\\\\d",
            "(?i)GRANT-A",
            "^grant\\\\x2da$",
            "nothing|grant-b",
            "[[:alpha:]]+-a",
            "\\\\pL",
            "^.*(?<!a)$",
            "a{2,1}");
    private static final List<String> CHANNEL_PATTERNS =
            List.of(".*", ".*", "^c$", "", "d", "(", "[^c]", "^$", "c|d", "\\\\z");
    private static final List<String> PERMISSIONS = List.of(
            "[\"subscribe\",\"publish\"]",
            "[\"subscribe\",\"publish\"]",
            "[\"subscribe\"]",
            "[\"publish\"]",
            "[]",
            "null",
            "[\"write\"]",
            "[\"Publish\"]",
            "[null]",
            "\"publish\"");
    private static final String ALL =
            "[{\"topic\":\".*\",\"channels\":[\".*\"],\"permissions\":[\"subscribe\",\"publish\"]}]";

    private final FuzzWords words;

    FuzzGrants(FuzzWords words) {
        this.words = words;
    }

    List<String> conversation() {
        return words.chance(5) ? renewal() : first();
    }

    private List<String> first() {
        var lines = new ArrayList<String>();
        lines.add(answer());
        if (words.chance(40)) {
            lines.add("> " + quoted("  V2IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"tls_v1\":true}")));
            lines.add("> upgrade");
            lines.add("> " + quoted(commands()));
        } else {
            lines.add("> " + quoted("  V2" + commands()));
        }
        return lines;
    }

    /// The second heartbeat tells that a second is over since the grant was given.
    private List<String> renewal() {
        var lines = new ArrayList<String>();
        lines.add("auth> 200 {\"ttl\":1,\"authorizations\":" + ALL + "}");
        lines.add("> " + quoted("  V2IDENTIFY\n" + sized("{\"heartbeat_interval\":1000}")));
        lines.add("> await response");
        lines.add("> " + quoted("AUTH\n" + sized("secret")));
        lines.add("> await response");
        lines.add("> await heartbeat");
        lines.add("> " + quoted("NOP\n"));
        lines.add("> await heartbeat");
        lines.add(answer());
        lines.add("> " + quoted(command() + command()));
        return lines;
    }

    private String commands() {
        var commands = new StringBuilder(words.chance(95) ? "AUTH\n" + sized(secret()) : "");
        for (int left = words.below(4); left >= 0; left--) {
            commands.append(command());
        }
        return commands.toString();
    }

    private String secret() {
        return words.any(
                "secret", "secret", "a b&c=d/%+?#", "\0\n\u00ff", "\u00c3\u00a4", "x".repeat(FuzzWords.MAX_BODY));
    }

    private String command() {
        var topic = words.any("grant-a", "grant-b", "other");
        return switch (words.below(8)) {
            case 0, 1 -> "PUB " + topic + "\n" + sized("x");
            case 2 -> "MPUB " + topic + "\n" + int32(9) + int32(1) + sized("x");
            case 3 -> "DPUB " + topic + " 0\n" + sized("x");
            case 4, 5, 6 -> "SUB " + topic + " " + words.any("c", "d", "d#ephemeral") + "\n";
            default -> words.any("NOP\n", "AUTH\n" + sized("again"));
        };
    }

    private String answer() {
        int status = words.chance(85) ? 200 : words.any(201, 302, 400, 401, 403, 404, 500, 503);
        return "auth> " + status + " " + (words.chance(10) ? words.any(WHOLE_ANSWERS) : object());
    }

    private String object() {
        var fields = new ArrayList<String>();
        if (words.chance(97)) {
            fields.add("\"ttl\":" + (words.chance(70) ? "3600" : words.any(TTLS)));
        }
        if (words.chance(50)) {
            fields.add("\"" + words.any("identity", "identity", "Identity") + "\":" + words.any(TEXTS));
        }
        if (words.chance(30)) {
            fields.add("\"identity_url\":" + words.any(TEXTS));
        }
        if (words.chance(10)) {
            fields.add("\"unknown\":[{\"a\":null}]");
        }
        fields.add("\"authorizations\":" + authorizations());
        return "{" + String.join(",", fields) + "}";
    }

    private String authorizations() {
        if (words.chance(30)) {
            return ALL;
        }
        if (words.chance(10)) {
            return words.any("[]", "null", "{}", "[null]", "[1]", "\"\"", "[[]]");
        }
        var entries = new ArrayList<String>();
        for (int left = words.below(2); left >= 0; left--) {
            entries.add(entry());
        }
        return "[" + String.join(",", entries) + "]";
    }

    private String entry() {
        var fields = new ArrayList<String>();
        fields.add(
                "\"topic\":" + (words.chance(95) ? "\"" + words.any(TOPIC_PATTERNS) + "\"" : words.any("null", "1")));
        fields.add("\"channels\":" + channels());
        fields.add("\"permissions\":" + words.any(PERMISSIONS));
        if (words.chance(10)) {
            fields.removeFirst();
        }
        return "{" + String.join(",", fields) + "}";
    }

    private String channels() {
        if (words.chance(10)) {
            return words.any("null", "[]", "[null]", "[1]", "\".*\"", "{}");
        }
        var patterns = new ArrayList<String>();
        for (int left = words.below(2); left >= 0; left--) {
            patterns.add("\"" + words.any(CHANNEL_PATTERNS) + "\"");
        }
        return "[" + String.join(",", patterns) + "]";
    }
}
