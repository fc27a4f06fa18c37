package io.waystation.broker.transcript;

import io.waystation.broker.DrippingSocket;
import io.waystation.wire.Frames;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;

/// One connection of a transcript to the TCP port. A frame that does not come within 10 s fails the transcript.
final class NsqPeer implements Peer {
    private static final int TIMEOUT_MS = 10_000;
    /// Ends a conversation that the broker has not ended, in a way that leaves no doubt where its answers end.
    private static final String PROBE = "what-now";

    private static final String PROBE_ANSWER = "error \"E_INVALID invalid command " + PROBE + "\"";
    private static final int MESSAGE_ID_AT = 10;
    private static final int MESSAGE_BODY_AT = 26;

    private final boolean byteByByte;
    private final Surroundings surroundings;
    private Socket socket;
    private DataInputStream input;
    private boolean outputEnded;
    private boolean closed;
    private String lastMessageId = "";

    NsqPeer(int port, boolean byteByByte, Surroundings surroundings) throws IOException {
        this.socket = byteByByte ? new DrippingSocket(port) : new Socket(InetAddress.getLoopbackAddress(), port);
        this.byteByByte = byteByByte;
        this.surroundings = surroundings;
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        input = new DataInputStream(socket.getInputStream());
    }

    @Override
    public void send(String line, List<String> outcome) throws IOException {
        if (line.equals("end")) {
            socket.shutdownOutput();
            outputEnded = true;
        } else if (line.equals("tls")) {
            startTls();
        } else if (line.startsWith("await ")) {
            await(line.substring("await ".length()), outcome);
        } else {
            write(Notation.parse(line.replace("{id}", lastMessageId)));
        }
    }

    String lastMessageId() {
        return lastMessageId;
    }

    private void startTls() throws IOException {
        var factory = surroundings.tls().getSocketFactory();
        var encrypted = (SSLSocket) factory.createSocket(socket, "localhost", socket.getPort(), true);
        encrypted.startHandshake();
        socket = encrypted;
        input = new DataInputStream(encrypted.getInputStream());
    }

    private void write(byte[] bytes) throws IOException {
        try {
            if (byteByByte) {
                for (byte next : bytes) {
                    socket.getOutputStream().write(next);
                }
            } else {
                socket.getOutputStream().write(bytes);
            }
        } catch (SocketException closedByTheBroker) {
            // What it said before that is read below.
        }
    }

    private void await(String kind, List<String> outcome) throws IOException {
        while (true) {
            var frame = frame();
            outcome.add(frame);
            if (frame.startsWith(kind)) {
                return;
            }
            if (closed) {
                throw new AssertionError("closed before a " + kind + " came: " + outcome);
            }
        }
    }

    @Override
    public void finish(List<String> outcome) throws IOException {
        if (!outputEnded && !closed) {
            write((PROBE + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        while (!closed) {
            var frame = frame();
            if (frame.equals(PROBE_ANSWER)) {
                outcome.add("open");
                awaitEnd();
                return;
            }
            outcome.add(frame);
        }
    }

    /// Once the connection has ended, nothing of it is left in the next conversation's figures.
    private void awaitEnd() throws IOException {
        while (!closed) {
            frame();
        }
    }

    private String frame() throws IOException {
        try {
            var frame = ByteBuffer.wrap(input.readNBytes(input.readInt()));
            return text(frame.getInt(), frame.slice());
        } catch (EOFException | SocketException ended) {
            closed = true;
            return "closed";
        }
    }

    private String text(int type, ByteBuffer payload) {
        var bytes = new byte[payload.remaining()];
        payload.get(0, bytes);
        return switch (type) {
            case Frames.RESPONSE ->
                new String(bytes, StandardCharsets.US_ASCII).equals("_heartbeat_")
                        ? "heartbeat"
                        : "response " + Notation.write(bytes);
            case Frames.ERROR -> "error " + Notation.write(bytes);
            case Frames.MESSAGE -> message(payload, bytes);
            default -> throw new AssertionError("frame of type " + type);
        };
    }

    private String message(ByteBuffer payload, byte[] bytes) {
        lastMessageId = new String(bytes, MESSAGE_ID_AT, MESSAGE_BODY_AT - MESSAGE_ID_AT, StandardCharsets.US_ASCII);
        var body = new byte[bytes.length - MESSAGE_BODY_AT];
        payload.get(MESSAGE_BODY_AT, body);
        return "message " + lastMessageId + " attempt " + Short.toUnsignedInt(payload.getShort(8)) + " "
                + Notation.write(body);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
