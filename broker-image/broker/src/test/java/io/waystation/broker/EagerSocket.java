package io.waystation.broker;

import java.io.DataInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A socket of a client that does not wait: its first bytes leave in one segment behind `prefix`, and the answer to
/// that,
/// one frame, is read when it is looked for.
final class EagerSocket extends Socket {
    private byte[] prefix;
    private boolean answered;

    EagerSocket(int port, String prefix) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
        this.prefix = prefix.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                var all = new byte[prefix.length + length];
                System.arraycopy(prefix, 0, all, 0, prefix.length);
                System.arraycopy(bytes, offset, all, prefix.length, length);
                prefix = new byte[0];
                out.write(all);
            }
        };
    }

    @Override
    public InputStream getInputStream() throws IOException {
        var input = super.getInputStream();
        return new InputStream() {
            @Override
            public int read() throws IOException {
                skipAnswer();
                return input.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                skipAnswer();
                return input.read(bytes, offset, length);
            }

            private void skipAnswer() throws IOException {
                if (!answered) {
                    answered = true;
                    var frame = new DataInputStream(input);
                    frame.skipNBytes(frame.readInt());
                }
            }
        };
    }
}
