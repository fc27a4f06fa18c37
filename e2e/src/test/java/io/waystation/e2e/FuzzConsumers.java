package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.ArrayList;
import java.util.List;

/// Conversations of a consumer that holds one message at most, and knows when the next must come: it asks for nothing
/// else meanwhile, so that nsqd's threads have nothing to put in one order or another.
final class FuzzConsumers {
    private final FuzzWords words;
    private final List<String> lines = new ArrayList<>();
    private String topic = "";
    private int waiting;
    private boolean holding;

    FuzzConsumers(FuzzWords words) {
        this.words = words;
    }

    List<String> conversation() {
        lines.clear();
        topic = words.fresh();
        waiting = 0;
        holding = false;
        publish();
        send("", "  V2SUB " + topic + " c\nRDY 1\n");
        take();
        for (int left = words.below(9); left >= 0; left--) {
            step();
        }
        // Nothing is promised about the order of clients, and a FIN is not answered: the error tells that it was read.
        if (words.chance(50) && !isPresent("b")) {
            refused("", "FIN 0123456789abcdef\n");
            lines.add("http> GET /stats?format=json&include_mem=false&topic=" + topic);
        }
        if (words.chance(50)) {
            send("", holding ? "CLS\nTOUCH {id}\nFIN {id}\n" : "CLS\n");
        }
        return List.copyOf(lines);
    }

    /// Through another connection, or over HTTP; the channel is there before or not.
    private void publish() {
        if (words.chance(30)) {
            lines.add("http> POST /topic/create?topic=" + topic);
            lines.add("http> POST /channel/create?topic=" + topic + "&channel=c");
        }
        for (int left = words.below(3); left >= 0; left--) {
            publishOne();
        }
    }

    private void publishOne() {
        var body = words.body();
        if (words.chance(30)) {
            lines.add("http> POST /pub?topic=" + topic + " " + quoted(body));
        } else if (isPresent("p")) {
            send("p", "PUB " + topic + "\n" + sized(body));
            lines.add("p> await response");
        } else {
            send("p", "  V2DPUB " + topic + " 0\n" + sized(body));
            lines.add("p> await response");
        }
        waiting++;
    }

    private void take() {
        if (waiting > 0 && !holding) {
            lines.add("> await message");
            waiting--;
            holding = true;
        }
    }

    private void step() {
        switch (words.below(10)) {
            case 0, 1, 2 -> finish("FIN {id}\n", 0);
            case 3 -> requeue();
            case 4 -> finish("REQ {id} " + words.any("3600000", "3600001", "9223372036854", "600000") + "\n", 0);
            case 5 -> ifHolding("TOUCH {id}\n");
            case 6 -> refused("", words.any("FIN ", "TOUCH ") + "0123456789abcdef\n");
            case 7 -> refused("", "REQ 0123456789abcdef " + words.any("0", "1", "3600001") + "\n");
            case 8 -> another();
            default -> send("", words.any("NOP\n", "RDY 1\n", "RDY\n", "NOP\r\n"));
        }
    }

    private void finish(String command, int back) {
        if (holding) {
            send("", command);
            holding = false;
            waiting += back;
            take();
        }
    }

    /// nsqd delivers the requeued message behind those that wait, ours before them.
    private void requeue() {
        if (waiting == 0) {
            finish("REQ {id} 0\n", 1);
        }
    }

    private void ifHolding(String command) {
        if (holding) {
            send("", command);
        }
    }

    private void refused(String connection, String command) {
        send(connection, command);
        lines.add(connection + "> await error");
    }

    /// Another consumer of the channel wants what it does not have.
    private void another() {
        if (!holding) {
            return;
        }
        if (!isPresent("b")) {
            send("b", "  V2SUB " + topic + " c\n");
            lines.add("b> await response");
        }
        refused("b", words.any("FIN {.id}\n", "TOUCH {.id}\n", "REQ {.id} 0\n", "REQ {.id} 1000\n"));
    }

    private boolean isPresent(String connection) {
        return lines.stream().anyMatch(line -> line.startsWith(connection + "> "));
    }

    private void send(String connection, String text) {
        lines.add(connection + "> " + quoted(text));
    }
}
