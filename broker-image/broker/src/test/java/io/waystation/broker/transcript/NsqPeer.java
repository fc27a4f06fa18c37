package io.waystation.broker.transcript;

import io.waystation.broker.DrippingSocket;
import io.waystation.broker.LayeredSocket;
import io.waystation.wire.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/// One connection of a transcript to the TCP port. A frame that does not come within 10 s fails the transcript.
final class NsqPeer implements Peer {
    /// Ends a conversation that the broker has not ended, in a way that leaves no doubt where its answers end.
    private static final String PROBE = "what-now";

    private static final String PROBE_ANSWER = "error \"E_INVALID invalid command " + PROBE + "\"";
    private static final int MESSAGE_ID_AT = 10;
    private static final int MESSAGE_BODY_AT = 26;

    private static final Pattern ID_OF = Pattern.compile("\\{id:([^}]*)}");
    private static final Pattern COUNTED = Pattern.compile("(\\d+) messages");

    private final boolean byteByByte;
    private final Surroundings surroundings;
    private final LayeredSocket socket;
    private boolean outputEnded;
    private boolean closed;
    private String lastMessageId = "";
    private final Map<String, String> idsByBody = new HashMap<>();

    NsqPeer(int port, boolean byteByByte, Surroundings surroundings) throws IOException {
        this.socket = new LayeredSocket(
                byteByByte ? new DrippingSocket(port) : new Socket(InetAddress.getLoopbackAddress(), port));
        this.byteByByte = byteByByte;
        this.surroundings = surroundings;
    }

    @Override
    public void send(String line, List<String> outcome) throws IOException {
        if (line.equals("end")) {
            socket.endOutput();
            outputEnded = true;
        } else if (line.equals("tls")) {
            socket.startTls(surroundings.tls());
        } else if (line.equals("upgrade")) {
            upgrade(outcome);
        } else if (line.startsWith("await ")) {
            await(line.substring("await ".length()), outcome);
        } else if (line.startsWith("below ")) {
            write(Notation.parse(line.substring("below ".length())), socket::writeBelow);
        } else {
            write(Notation.parse(withIds(line)), socket::write);
        }
    }

    private String withIds(String line) {
        return ID_OF.matcher(line.replace("{id}", lastMessageId))
                .replaceAll(of -> idsByBody.getOrDefault(of.group(1), of.group()));
    }

    String lastMessageId() {
        return lastMessageId;
    }

    /// Reads the answer to IDENTIFY and does what it says.
    private void upgrade(List<String> outcome) throws IOException {
        var answer = frame();
        outcome.add(answer);
        if (says(answer, "tls_v1")) {
            socket.startTls(surroundings.tls());
            outcome.add(frame());
        }
        if (says(answer, "snappy")) {
            socket.startSnappy();
            outcome.add(frame());
        } else if (says(answer, "deflate")) {
            socket.startDeflate();
            outcome.add(frame());
        }
    }

    private static boolean says(String answer, String feature) {
        return answer.startsWith("response ") && answer.contains("\\\"" + feature + "\\\":true");
    }

    private interface Target {
        void write(byte[] bytes) throws IOException;
    }

    private void write(byte[] bytes, Target target) throws IOException {
        try {
            if (byteByByte) {
                for (byte next : bytes) {
                    target.write(new byte[] {next});
                }
            } else {
                target.write(bytes);
            }
        } catch (SocketException | SSLException closedByTheBroker) {
            // What it said before that is read below.
        }
    }

    private void await(String kind, List<String> outcome) throws IOException {
        var counted = COUNTED.matcher(kind);
        if (counted.matches()) {
            awaitMessages(Integer.parseInt(counted.group(1)), outcome);
        } else {
            awaitFrame(kind, outcome);
        }
    }

    /// Messages whose order is not asked for.
    private void awaitMessages(int count, List<String> outcome) throws IOException {
        var messages = new ArrayList<String>();
        while (messages.size() < count) {
            awaitFrame("message", messages);
        }
        messages.sort(Comparator.comparing(line -> line.replaceFirst("^message \\S+", "")));
        outcome.addAll(messages);
    }

    private void awaitFrame(String kind, List<String> outcome) throws IOException {
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
            write((PROBE + "\n").getBytes(StandardCharsets.US_ASCII), socket::write);
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
            var frame = ByteBuffer.wrap(socket.input().readNBytes(socket.input().readInt()));
            return text(frame.getInt(), frame.slice());
        } catch (EOFException | SocketException | SSLException ended) {
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
        idsByBody.put(new String(body, StandardCharsets.ISO_8859_1), lastMessageId);
        return "message " + lastMessageId + " attempt " + Short.toUnsignedInt(payload.getShort(8)) + " "
                + Notation.write(body);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
