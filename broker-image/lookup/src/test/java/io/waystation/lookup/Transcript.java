package io.waystation.lookup;

import io.waystation.daemon.HttpApi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A conversation with a lookup as text. The lines that go in:
///
///     # a comment
///     a>   V1PING\n          broker `a` sends these bytes (`\n \r \t \\ \xff`); it is 10.0.0.1:50000, `b` is 10.0.0.2
///     a>> {"version":…}      broker `a` sends the size of this body and the body
///     a end                  broker `a` sends nothing more
///     a leaves               broker `a` closes
///     +45s                   time passes
///     GET /topics            a request over HTTP, on a connection of its own
///
/// What comes out follows the line that caused it: `a< answer`, `a closed`, and HTTP answers with two blanks in front.
final class Transcript implements AutoCloseable {
    private static final Duration INACTIVE = Duration.ofMinutes(5);
    private static final Duration TOMBSTONE = Duration.ofSeconds(45);
    private static final RegistrationLimits LIMITS = new RegistrationLimits(12, 10, 6);
    private static final int READ_TIMEOUT_MS = 20_000;

    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:[nrt\\\\]|x([0-9a-f]{2}))");

    private final TestClock clock = new TestClock();
    private final RegistrationDb registrations =
            new RegistrationDb(LIMITS, clock, INACTIVE.toNanos(), TOMBSTONE.toNanos());
    private final Map<String, TestBroker> brokers = new TreeMap<>();
    private final HttpApi http = new HttpApi();
    private final StringBuilder written = new StringBuilder();
    private final boolean byteByByte;

    private Transcript(boolean byteByByte) throws IOException {
        this.byteByByte = byteByByte;
        new LookupApi(registrations).addTo(http);
        http.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /// Has the conversation again; the transcript as it is then.
    static String replay(List<String> lines, boolean byteByByte) throws IOException {
        try (var transcript = new Transcript(byteByByte)) {
            for (var line : lines) {
                if (!isOutput(line)) {
                    transcript.written.append(line).append('\n');
                    transcript.input(line);
                    transcript.output();
                }
            }
            return transcript.written.toString();
        }
    }

    private static boolean isOutput(String line) {
        return line.startsWith("  ") || line.matches("[a-z]( closed|<.*)");
    }

    private void input(String line) throws IOException {
        if (line.startsWith("+")) {
            var time = line.endsWith("ms")
                    ? Duration.ofMillis(Long.parseLong(line.substring(1, line.length() - "ms".length())))
                    : Duration.parse("PT" + line.substring(1).toUpperCase(Locale.ROOT));
            clock.pass(time);
            brokers.values().forEach(broker -> broker.pass(time));
        } else if (line.matches("[A-Z]+ /.*")) {
            request(line);
        } else if (line.matches("[a-z] end")) {
            broker(line).endOfStream();
        } else if (line.matches("[a-z] leaves")) {
            broker(line).leave();
        } else if (line.matches("[a-z]>> .*")) {
            send(broker(line), TestBroker.sized(bytes(line.substring(4))));
        } else if (line.matches("[a-z]> .*")) {
            send(broker(line), bytes(line.substring(3)));
        } else if (!line.isEmpty() && !line.startsWith("#")) {
            throw new IllegalArgumentException("not a line of a transcript: " + line);
        }
    }

    private TestBroker broker(String line) {
        return brokers.computeIfAbsent(
                line.substring(0, 1),
                name -> new TestBroker(registrations, "10.0.0." + (name.charAt(0) - 'a' + 1) + ":50000"));
    }

    private void send(TestBroker broker, String bytes) {
        if (byteByByte) {
            broker.sendByteByByte(bytes);
        } else {
            broker.send(bytes);
        }
    }

    /// The bytes that a text with escapes stands for.
    private static String bytes(String text) {
        return ESCAPE.matcher(text).replaceAll(escape -> {
            char kind = escape.group().charAt(1);
            var bytes = switch (kind) {
                case 'n' -> "\n";
                case 'r' -> "\r";
                case 't' -> "\t";
                case 'x' -> String.valueOf((char) Integer.parseInt(escape.group(1), 16));
                default -> "\\";
            };
            return Matcher.quoteReplacement(bytes);
        });
    }

    private static String text(String bytes) {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> text.append(c < ' ' || c > '~' ? String.format(Locale.ROOT, "\\x%02x", (int) c) : c);
            }
        }
        return text.toString();
    }

    private void request(String line) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            socket.setSoTimeout(READ_TIMEOUT_MS);
            var bytes = (line + " HTTP/1.1\r\nHost: lookup\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1);
            int step = byteByByte ? 1 : bytes.length;
            for (int i = 0; i < bytes.length; i += step) {
                socket.getOutputStream().write(bytes, i, step);
            }
            var answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            answer.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(text -> !text.isEmpty())
                    .forEach(text -> written.append("  ").append(text).append('\n'));
        }
    }

    private void output() {
        for (var broker : List.copyOf(brokers.entrySet())) {
            for (var answer : broker.getValue().answers()) {
                written.append(broker.getKey())
                        .append("< ")
                        .append(text(answer))
                        .append('\n');
            }
            if (broker.getValue().isClosed()) {
                written.append(broker.getKey()).append(" closed\n");
                // The next line of this name is a new connection.
                brokers.remove(broker.getKey());
            }
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
