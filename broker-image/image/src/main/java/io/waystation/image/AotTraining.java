package io.waystation.image;

import io.waystation.broker.Broker;
import io.waystation.broker.BrokerOptions;
import io.waystation.daemon.ProgramLog;
import io.waystation.daemon.UsageException;
import io.waystation.lookup.Lookup;
import io.waystation.lookup.LookupOptions;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The run from which the AOT cache is made: starts both daemons as users do, publishes, consumes and asks over HTTP,
/// so
/// that what every start needs is in the cache. Ends by itself; what goes wrong ends it with an exception.
public final class AotTraining {
    private static final int MESSAGES = 200;
    private static final int TIMEOUT_MS = 10_000;

    private AotTraining() {}

    public static void main(String[] arguments) throws IOException, UsageException {
        ProgramLog.start("[training] ", "info");
        var data = Path.of(arguments[0], "data");
        Files.createDirectories(data);
        var lookup = Lookup.start(LookupOptions.table()
                .parse("--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--broadcast-address=127.0.0.1"));
        // In a cluster a broker has its options from a file.
        var file = Files.writeString(Path.of(arguments[0], "training.cfg"), """
            tcp_address = "127.0.0.1:0"
            http_address = "127.0.0.1:0"
            nsqlookupd_tcp_addresses = ["127.0.0.1:%d"]
            """.formatted(lookup.tcpPort()));
        var broker = Broker.start(BrokerOptions.table()
                .parse("--config=" + file, "--broadcast-address=127.0.0.1", "--data-path=" + data));
        for (var path : new String[] {"/ping", "/info", "/stats", "/stats?format=json", "/waystation/v1/info"}) {
            request("GET", broker.httpPort(), path);
        }
        request("POST", broker.httpPort(), "/pub?topic=training");
        publishAndConsume(broker.tcpPort());
        request("GET", broker.httpPort(), "/stats?format=json");
        request("GET", lookup.httpPort(), "/ping");
        request("GET", lookup.httpPort(), "/nodes");
        broker.close();
        lookup.close();
        ProgramLog.stop();
    }

    private static void request(String method, int port, String path) throws IOException {
        var url = URI.create("http://127.0.0.1:" + port + path).toURL();
        var connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod(method);
        connection.setReadTimeout(TIMEOUT_MS);
        if (method.equals("POST")) {
            connection.setDoOutput(true);
            connection.getOutputStream().write("message".getBytes(StandardCharsets.UTF_8));
        }
        connection.getInputStream().readAllBytes();
    }

    private static void publishAndConsume(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MS);
            var output = socket.getOutputStream();
            var input = new DataInputStream(socket.getInputStream());
            output.write(
                    "  V2IDENTIFY\n\0\0\0\u001c{\"feature_negotiation\":true}".getBytes(StandardCharsets.ISO_8859_1));
            frame(input);
            output.write("SUB training channel\nRDY 100\n".getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < MESSAGES; i++) {
                output.write("PUB training\n\0\0\0\u0004bodyDPUB training 1\n\0\0\0\u0004body"
                        .getBytes(StandardCharsets.ISO_8859_1));
            }
            int finished = 0;
            while (finished < MESSAGES) {
                var frame = frame(input);
                if (frame.length > 30) {
                    var id = new String(frame, 14, 16, StandardCharsets.ISO_8859_1);
                    output.write(("FIN " + id + "\n").getBytes(StandardCharsets.ISO_8859_1));
                    finished++;
                }
            }
            output.write("CLS\n".getBytes(StandardCharsets.ISO_8859_1));
            frame(input);
        }
    }

    private static byte[] frame(DataInputStream input) throws IOException {
        return input.readNBytes(input.readInt());
    }
}
