package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// Conversations of one consumer that holds several messages at once and knows how many must come next. In which order
/// they come is not asked for, and which of them only as far as nsqd has one order: what was published first. So a
/// message goes back only when no other waits, and the window shrinks only then.
final class FuzzWindows {
    private static final int MAX_MESSAGES = 20;
    private static final int MAX_WINDOW = 8;
    /// Answered, so what came before has been read.
    private static final String BARRIER = "FIN 0123456789abcdef\n";

    private final FuzzWords words;
    private final List<String> lines = new ArrayList<>();
    private final Queue<String> waiting = new ArrayDeque<>();
    private final List<String> held = new ArrayList<>();
    private String topic = "";
    private int window;
    private int publishedCount;

    FuzzWindows(FuzzWords words) {
        this.words = words;
    }

    List<String> conversation() {
        begin();
        for (int left = 2 + words.below(10); left >= 0; left--) {
            step();
        }
        if (words.chance(50)) {
            barrier();
            lines.add("http> GET /stats?format=json&include_mem=false&topic=" + topic);
        }
        if (words.chance(30)) {
            send("CLS\n");
            lines.add("> await response");
            held.forEach(body -> send(words.any("FIN", "TOUCH") + id(body)));
        }
        return List.copyOf(lines);
    }

    private void begin() {
        lines.clear();
        waiting.clear();
        held.clear();
        topic = words.fresh();
        publishedCount = 0;
        window = words.below(MAX_WINDOW);
        publish();
        send("  V2IDENTIFY\n" + sized("{\"output_buffer_timeout\":25,\"msg_timeout\":900000}"));
        lines.add("> await response");
        send("SUB " + topic + " c\n" + ready());
        lines.add("> await response");
        take();
    }

    private String ready() {
        return window == 1 && words.chance(50) ? "RDY\n" : "RDY " + window + "\n";
    }

    private void step() {
        switch (words.below(8)) {
            case 0, 1 -> publish();
            case 2, 3 -> some().forEach(body -> end(body, "FIN" + id(body)));
            case 4 -> some().forEach(body -> end(body, "REQ" + id(body, words.any("3600000", "3600001", "600000"))));
            case 5 -> requeue();
            case 6 -> some().forEach(body -> send("TOUCH" + id(body)));
            default -> changeWindow();
        }
        take();
    }

    private static String id(String body, String... more) {
        return " {id:" + body + "}" + (more.length == 0 ? "" : " " + more[0]) + "\n";
    }

    private List<String> some() {
        return held.stream().filter(body -> words.chance(50)).toList();
    }

    private void end(String body, String command) {
        send(command);
        held.remove(body);
    }

    private void publish() {
        int count = Math.min(1 + words.below(6), MAX_MESSAGES - publishedCount);
        for (int i = 0; i < count; i++) {
            var body = "m" + publishedCount++;
            lines.add("http> POST /pub?topic=" + topic + " " + quoted(body));
            waiting.add(body);
        }
    }

    /// They come back at once, when there is room for all that are held.
    private void requeue() {
        if (!waiting.isEmpty() || held.size() > window) {
            return;
        }
        var back = some();
        var commands = new StringBuilder();
        back.forEach(body -> commands.append("REQ").append(id(body, "0")));
        if (!back.isEmpty()) {
            send(commands.toString());
            lines.add("> await " + back.size() + " messages");
        }
    }

    private void changeWindow() {
        int next = words.below(MAX_WINDOW);
        if (next >= window) {
            window = next;
            send(ready());
        } else if (waiting.isEmpty()) {
            window = next;
            send(ready());
            barrier();
        }
    }

    private void barrier() {
        send(BARRIER);
        lines.add("> await error");
    }

    private void take() {
        int count = Math.clamp(window - held.size(), 0, waiting.size());
        for (int i = 0; i < count; i++) {
            held.add(waiting.remove());
        }
        if (count > 0) {
            lines.add("> await " + count + " messages");
        }
    }

    private void send(String text) {
        lines.add("> " + quoted(text));
    }
}
