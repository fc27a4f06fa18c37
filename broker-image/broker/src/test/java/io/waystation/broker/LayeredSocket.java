package io.waystation.broker;

import io.airlift.compress.v3.snappy.SnappyFramedInputStream;
import io.airlift.compress.v3.snappy.SnappyFramedOutputStream;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.io.DataInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/// A client's socket and the layers that an IDENTIFY put on it: TLS, then Snappy or Deflate. A read that takes longer
/// than 10 s fails.
public final class LayeredSocket implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;

    private Socket socket;
    private OutputStream output;
    private DataInputStream input;

    public LayeredSocket(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        output = socket.getOutputStream();
        input = new DataInputStream(socket.getInputStream());
    }

    /// The handshake of a client that was told that TLS comes next.
    public SSLSession startTls(SSLContext context, String... protocols) throws IOException {
        var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
        if (protocols.length > 0) {
            tls.setEnabledProtocols(protocols);
        }
        tls.startHandshake();
        socket = tls;
        output = tls.getOutputStream();
        input = new DataInputStream(tls.getInputStream());
        return tls.getSession();
    }

    /// Snappy's framing in both directions.
    public void startSnappy() throws IOException {
        input = new DataInputStream(new SnappyFramedInputStream(new SnappyJavaDecompressor(), input));
        output = new SnappyFramedOutputStream(new SnappyJavaCompressor(), output);
    }

    /// Snappy as pynsq writes it: a stream of its own for everything that is sent.
    void startSnappyAnewEachTime() throws IOException {
        var below = output;
        startSnappy();
        output = new FilterOutputStream(below) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                var stream = new SnappyFramedOutputStream(new SnappyJavaCompressor(), out);
                stream.write(bytes, offset, length);
                stream.flush();
            }
        };
    }

    /// Deflate in both directions.
    public void startDeflate() {
        input = new DataInputStream(new InflaterInputStream(input, new Inflater(true)));
        output = new DeflaterOutputStream(output, new Deflater(Deflater.DEFAULT_COMPRESSION, true), true);
    }

    public void write(byte[] bytes) throws IOException {
        output.write(bytes);
        output.flush();
    }

    /// Writes beneath the compression, as a peer does whose stream is broken.
    public void writeBelow(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public DataInputStream input() {
        return input;
    }

    /// Sends no more; what the server still says can be read.
    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
