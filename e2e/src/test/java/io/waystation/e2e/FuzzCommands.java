package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.int32;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.Locale;

/// Streams of commands on one connection, right and wrong. Topics are all different, so nothing is ever delivered.
final class FuzzCommands {
    private final FuzzWords words;
    private final FuzzJson json;
    private boolean cut;

    FuzzCommands(FuzzWords words, FuzzJson json) {
        this.words = words;
        this.json = json;
    }

    /// Whether the last stream may end within a command, so that nothing would come before the connection's end.
    boolean isCut() {
        return cut;
    }

    String stream() {
        return (words.chance(97) ? "  V2" : words.any("  V1", "V2  ", "    ", "GET ")) + commands();
    }

    /// What follows where the protocol is known.
    String commands() {
        cut = false;
        var stream = new StringBuilder();
        for (int left = words.below(6); left >= 0; left--) {
            stream.append(command());
        }
        return stream.toString();
    }

    private String command() {
        return switch (words.below(16)) {
            case 0, 1 -> line("PUB", words.name()) + message();
            case 2, 3 -> line("MPUB", words.name()) + batch();
            case 4, 5 -> line("DPUB", words.name(), words.number()) + message();
            case 6, 7 -> line("SUB", words.name(), words.name());
            case 8 -> line("RDY", words.number());
            case 9 -> line("FIN", words.id());
            case 10 -> line("REQ", words.id(), words.number());
            case 11 -> line("TOUCH", words.id());
            case 12 -> line(words.any("CLS", "NOP", "NOP", "NOP"));
            case 13 -> line("AUTH") + body("secret");
            case 14 -> line("IDENTIFY") + body(json.body());
            default -> line(unknown());
        };
    }

    private String unknown() {
        return words.any("", "XYZ", "pub", "Nop", "IDENTIFYX", words.garbage().replace("\n", ""));
    }

    /// A line with its end; now and then with a parameter less or more, or an empty one.
    private String line(String command, String... parameters) {
        var line = new StringBuilder(words.chance(2) ? command.toLowerCase(Locale.ROOT) : command);
        int count = words.chance(6) ? words.below(parameters.length + 1) : parameters.length;
        for (int i = 0; i < count; i++) {
            line.append(words.chance(2) ? "  " : " ").append(parameters[i]);
        }
        if (words.chance(5)) {
            line.append(words.any(" ", " more", " 1 2 3"));
        }
        return line.append(words.chance(10) ? "\r\n" : "\n").toString();
    }

    private String message() {
        return body(words.body());
    }

    private String body(String text) {
        if (words.chance(88)) {
            return sized(text);
        }
        cut = true;
        return words.chance(20) ? text : int32(words.oddSize()) + text;
    }

    private String batch() {
        int count = 1 + words.below(3);
        var messages = new StringBuilder();
        for (int i = 0; i < count; i++) {
            messages.append(message());
        }
        if (words.chance(10)) {
            cut = true;
            count = words.any(0, -1, count + 1, 199, 200, Integer.MAX_VALUE);
        }
        int size = words.chance(90) ? messages.length() + Integer.BYTES : words.oddSize();
        return int32(size) + int32(count) + messages;
    }
}
