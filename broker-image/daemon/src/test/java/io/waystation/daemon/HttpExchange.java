package io.waystation.daemon;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/// A client that writes what it is told, byte for byte, and reads answers one by one. One character is one byte.
final class HttpExchange implements AutoCloseable {
    private static final int READ_TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final InputStream input;

    HttpExchange(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MS);
        input = new BufferedInputStream(socket.getInputStream());
    }

    HttpExchange send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    HttpExchange sendByteByByte(String text) throws IOException {
        for (byte next : text.getBytes(StandardCharsets.ISO_8859_1)) {
            socket.getOutputStream().write(next);
            socket.getOutputStream().flush();
        }
        return this;
    }

    HttpExchange endOfInput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /// The next answer as text: status line, headers, an empty line, and the body that the headers announce.
    String receive() throws IOException {
        var head = head();
        return head + new String(input.readNBytes(contentLength(head)), StandardCharsets.UTF_8);
    }

    /// The next answer's head alone.
    String head() throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = input.read();
            if (next < 0) {
                return head.toString(StandardCharsets.ISO_8859_1) + "<closed>";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    }

    private static int contentLength(String head) {
        var key = "\ncontent-length: ";
        int start = head.toLowerCase(Locale.ROOT).indexOf(key);
        return start < 0
                ? 0
                : Integer.parseInt(head.substring(start + key.length(), head.indexOf('\n', start + key.length())));
    }

    /// Whether nothing comes for so long.
    boolean isSilentFor(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        input.mark(1);
        try {
            input.read();
            input.reset();
            return false;
        } catch (SocketTimeoutException silent) {
            return true;
        } finally {
            socket.setSoTimeout(READ_TIMEOUT_MS);
        }
    }

    /// Whether the server has closed: nothing more comes.
    boolean isClosedByServer() throws IOException {
        try {
            return input.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
