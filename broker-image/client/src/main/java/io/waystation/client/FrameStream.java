package io.waystation.client;

import io.waystation.wire.Frames;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/// A socket as frames and commands, and what lies between: TLS, then compression. One thread at a time reads and one
/// writes; closing is for any thread.
final class FrameStream implements AutoCloseable {
    /// The largest frame that is believed.
    static final int MAX_FRAME_BYTES = 256 * 1024 * 1024;

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Socket socket;
    private DataInputStream input;
    private OutputStream output;

    /// @param socket connected; closed with this
    FrameStream(Socket socket) throws IOException {
        this.socket = socket;
        this.input = buffered(socket.getInputStream());
        this.output = socket.getOutputStream();
    }

    private static DataInputStream buffered(InputStream source) {
        return new DataInputStream(new BufferedInputStream(source, BUFFER_BYTES));
    }

    // ---- upgrades: after the answer that promises one, before the frame that confirms it

    void startTls(BrokerTls tls, BrokerAddress address) throws IOException {
        var encrypted = tls.over(socket, address);
        input = buffered(encrypted.getInputStream());
        output = encrypted.getOutputStream();
    }

    /// What was read ahead of the upgrade is compressed already.
    void startSnappy() {
        input = buffered(new SnappyInputStream(input));
        output = new SnappyOutputStream(output);
    }

    void startDeflate(int level) {
        input = buffered(new InflaterInputStream(input, new Inflater(true), BUFFER_BYTES));
        output = new DeflaterOutputStream(output, new Deflater(level, true), BUFFER_BYTES, true);
    }

    // ---- reading and writing

    /// The next frame from its type on; blocks for it.
    ByteBuffer frame() throws IOException {
        int size = input.readInt();
        if (size < Integer.BYTES || size > MAX_FRAME_BYTES) {
            throw new IOException("a frame of " + size + " bytes (expected: 4.." + MAX_FRAME_BYTES + ")");
        }
        var bytes = input.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("a frame of " + size + " bytes ended after " + bytes.length);
        }
        return ByteBuffer.wrap(bytes);
    }

    void write(byte[] bytes) throws IOException {
        output.write(bytes);
        output.flush();
    }

    /// A command with a body, as one piece.
    static byte[] command(String line, byte[] body) {
        var bytes = ByteBuffer.allocate(line.length() + Integer.BYTES + body.length);
        return bytes.put(line.getBytes(StandardCharsets.US_ASCII))
                .putInt(body.length)
                .put(body)
                .array();
    }

    /// Whether a frame from its type on is a heartbeat.
    static boolean isHeartbeat(int type, String payload) {
        return type == Frames.RESPONSE && payload.equals("_heartbeat_");
    }

    /// Without TLS's farewell, for which a writer that is held back would have to be waited for.
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
