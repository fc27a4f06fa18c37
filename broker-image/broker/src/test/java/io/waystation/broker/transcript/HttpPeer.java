package io.waystation.broker.transcript;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// The HTTP side of a transcript: each line is a request on a connection of its own, `METHOD target "body"` or
/// `raw "bytes"`. The outcome is status, the headers that NSQ's clients look at, and the body.
final class HttpPeer implements Peer {
    private static final int TIMEOUT_MS = 10_000;
    private static final List<String> HEADERS = List.of("allow", "content-type", "location", "x-nsq-content-type");

    private final int port;
    private final boolean byteByByte;

    HttpPeer(int port, boolean byteByByte) {
        this.port = port;
        this.byteByByte = byteByByte;
    }

    @Override
    public void send(String line, List<String> outcome) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            write(socket, request(line));
            outcome.addAll(answers(socket.getInputStream().readAllBytes()));
        }
    }

    private void write(Socket socket, byte[] bytes) throws IOException {
        var output = socket.getOutputStream();
        try {
            if (byteByByte) {
                for (byte next : bytes) {
                    output.write(next);
                }
            } else {
                output.write(bytes);
            }
        } catch (SocketException closedByTheBroker) {
            socket.shutdownOutput();
        }
    }

    private static byte[] request(String line) {
        if (line.startsWith("raw ")) {
            return Notation.parse(line.substring("raw ".length()));
        }
        var parts = line.split(" ", 3);
        var body = parts.length < 3 ? new byte[0] : Notation.parse(parts[2]);
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                (parts[0] + " " + parts[1] + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                                + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    private static List<String> answers(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        int headEnd = text.indexOf("\r\n\r\n");
        if (headEnd < 0) {
            throw new AssertionError("not an HTTP answer: " + text);
        }
        var lines = text.substring(0, headEnd).split("\r\n", -1);
        var headers = new TreeMap<String, String>();
        for (var header : Arrays.copyOfRange(lines, 1, lines.length)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        headers.keySet().retainAll(HEADERS);
        var status = lines[0].substring("HTTP/1.1 ".length());
        var body = Arrays.copyOfRange(bytes, headEnd + 4, bytes.length);
        return List.of(status + " " + headers, Notation.write(body));
    }

    @Override
    public void finish(List<String> outcome) {
        // Each request was answered when it was sent.
    }

    @Override
    public void close() {
        // Each request had a connection of its own.
    }
}
