package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Conversations that begin with an IDENTIFY that asks for layers in some combination, right or wrong, and go on inside
/// what the daemon agreed to. The client waits for each answer: nsqd drops what comes before a layer stands.
final class FuzzUpgrades {
    private static final List<String> LEVELS =
            List.of("-1", "0", "1", "5", "6", "7", "9", "10", "99", "9223372036854775807", "null", "\"6\"", "1.5");
    private static final List<String> RATES = List.of("-1", "0", "1", "50", "99", "100", "2147483648", "null");
    private static final List<String> HEARTBEATS = List.of("-1", "0", "30000", "60000", "999", "60001");
    private static final List<String> SIZES = List.of("-1", "0", "63", "64", "16384", "65536", "65537");
    /// The first bytes of no stream: a chunk and a block of kinds that there are none of.
    private static final List<String> GARBAGE = List.of("NOP\n", "\u00ff\u00ff\u00ff\u00ff");

    private final FuzzWords words;
    private final FuzzCommands inside;

    FuzzUpgrades(FuzzWords words) {
        this.words = words;
        this.inside = new FuzzCommands(words, new FuzzJson(words, List.of("feature_negotiation")));
    }

    List<String> conversation() {
        var lines = new ArrayList<String>();
        lines.add("> " + quoted("  V2IDENTIFY\n" + sized(identify())));
        lines.add("> upgrade");
        boolean cut = false;
        for (int left = words.below(2); left >= 0; left--) {
            lines.add("> " + quoted(inside.commands()));
            cut |= inside.isCut();
        }
        if (!cut && words.chance(10)) {
            lines.add("> below " + quoted(words.any(GARBAGE)));
        } else if (cut || words.chance(20)) {
            lines.add("> end");
        }
        return lines;
    }

    private String identify() {
        var fields = new ArrayList<String>();
        if (words.chance(95)) {
            fields.add(field("feature_negotiation", words.chance(95) ? "true" : "false"));
        }
        add(fields, 60, "tls_v1", "true", "true", "false", "null", "1");
        add(fields, 50, "snappy", "true", "true", "true", "false", "null");
        add(fields, 40, "deflate", "true", "true", "true", "false", "null");
        add(fields, 40, "deflate_level", LEVELS.toArray(String[]::new));
        add(fields, 20, "sample_rate", RATES.toArray(String[]::new));
        add(fields, 10, "heartbeat_interval", HEARTBEATS.toArray(String[]::new));
        add(fields, 20, "output_buffer_size", SIZES.toArray(String[]::new));
        var order = new ArrayList<>(fields);
        Collections.rotate(order, words.below(order.size() + 1));
        return "{" + String.join(",", order) + "}";
    }

    private void add(List<String> fields, int percent, String key, String... values) {
        if (words.chance(percent)) {
            fields.add(field(key, words.any(values)));
        }
    }

    private static String field(String key, String value) {
        return "\"" + key + "\":" + value;
    }
}
