package io.waystation.client;

import io.waystation.wire.Frames;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

/// What no real broker does: takes one connection, answers the IDENTIFY as told, then sends bytes as told.
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final CompletableFuture<Socket> client = new CompletableFuture<>();

    /// @param identifyAnswer the payload of the response to IDENTIFY
    /// @param then what follows it, in any form
    ScriptedServer(String identifyAnswer, byte[]... then) throws IOException {
        Thread.startVirtualThread(() -> serve(identifyAnswer, then));
    }

    private void serve(String identifyAnswer, byte[][] then) {
        try {
            var socket = listener.accept();
            OutputStream output = socket.getOutputStream();
            output.write(Frames.response(identifyAnswer));
            for (var bytes : then) {
                output.write(bytes);
            }
            client.complete(socket);
        } catch (IOException closed) {
            client.completeExceptionally(closed);
        }
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    int clientPort() {
        return client.join().getPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        if (!client.isCompletedExceptionally()) {
            client.join().close();
        }
    }
}
