package io.waystation.broker.transcript;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The HTTP side of a transcript: each line is a request on a connection of its own, `METHOD target "body"` or
/// `raw "bytes"`, or `cut "bytes"`, behind which the client sends no more. The outcome is that of [HttpAnswers], or
/// that the daemon closed without a word.
final class HttpPeer implements Peer {
    private static final int TIMEOUT_MS = 10_000;
    private static final String RAW = "raw ";
    private static final String CUT = "cut ";

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
            if (line.startsWith(CUT)) {
                socket.shutdownOutput();
            }
            var answers = read(socket);
            outcome.addAll(answers.length == 0 ? List.of("closed") : HttpAnswers.parse(answers));
        }
    }

    /// What comes before the end. A daemon that closes while the rest of a request still comes resets the connection.
    private static byte[] read(Socket socket) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        try {
            for (int count = 0; count >= 0; count = socket.getInputStream().read(buffer)) {
                bytes.write(buffer, 0, count);
            }
        } catch (SocketException reset) {
            // What was said before that has been read.
        }
        return bytes.toByteArray();
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
        } catch (SocketException closedByTheDaemon) {
            // What it said before that is read.
        }
    }

    private static byte[] request(String line) {
        if (line.startsWith(RAW) || line.startsWith(CUT)) {
            return Notation.parse(line.substring(RAW.length()));
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

    @Override
    public void finish(List<String> outcome) {
        // Each request was answered when it was sent.
    }

    @Override
    public void close() {
        // Each request had a connection of its own.
    }
}
