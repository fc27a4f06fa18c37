package io.waystation.image;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.Writer;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes the AOT cache: starts the program as users do, both daemons in one process, publishes, consumes and asks over
/// HTTP, so that what every start needs is in the cache, and ends it with a signal.
///
/// Called with the java program, the file of its arguments, the jar, the cache to be made, and a folder for messages.
/// What goes wrong ends it with an exception.
public final class AotTraining {
    private static final int MESSAGES = 200;
    private static final int TIMEOUT_MS = 10_000;
    private static final int DUMP_TIMEOUT_S = 120;
    private static final Pattern PORTS = Pattern.compile("HTTP ([0-9]+), lookup HTTP ([0-9]+), TCP ([0-9]+)");

    private AotTraining() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        arguments[0],
                        "@" + arguments[1],
                        // The profile of so short a run would have half the program compiled at each start.
                        "-XX:-AOTRecordTraining",
                        "-XX:AOTCacheOutput=" + arguments[3],
                        "-cp",
                        arguments[2],
                        "io.waystation.image.Waystation",
                        "dev",
                        "--data-path=" + arguments[4],
                        // In a cluster a broker has its options from a file.
                        "--broker-config=" + configuration(arguments[4]),
                        "--tcp-port=0",
                        "--http-port=0",
                        "--lookup-tcp-port=0",
                        "--lookup-http-port=0",
                        "--log-level=info")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = process.inputReader()) {
            drive(output);
            // By its handle: the process itself would close the streams, which the dump still writes to.
            process.toHandle().destroy();
            output.transferTo(Writer.nullWriter());
            if (!process.waitFor(DUMP_TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new IOException("the program did not end within " + DUMP_TIMEOUT_S + " s");
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static Path configuration(String dataPath) throws IOException {
        return Files.writeString(Path.of(dataPath + ".cfg"), "max_msg_size = 1048576\n");
    }

    private static void drive(BufferedReader output) throws IOException {
        Matcher ports;
        do {
            var line = output.readLine();
            if (line == null) {
                throw new IOException("the program ended before it was ready");
            }
            ports = PORTS.matcher(line);
        } while (!ports.find());
        int http = Integer.parseInt(ports.group(1));
        int lookupHttp = Integer.parseInt(ports.group(2));
        // Neither memory nor text: the classes of the JVM's own beans and of its locales are many, and would be loaded
        // at each start.
        for (var path :
                new String[] {"/ping", "/info", "/stats?format=json&include_mem=false", "/waystation/v1/info"}) {
            request("GET", http, path);
        }
        request("POST", http, "/pub?topic=training");
        publishAndConsume(Integer.parseInt(ports.group(3)));
        request("GET", http, "/stats?format=json&include_mem=false");
        request("GET", lookupHttp, "/ping");
        request("GET", lookupHttp, "/nodes");
    }

    private static void request(String method, int port, String path) throws IOException {
        var url = URI.create("http://127.0.0.1:" + port + path).toURL();
        var connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod(method);
        connection.setReadTimeout(TIMEOUT_MS);
        // As Kubernetes' probes do.
        connection.setRequestProperty("Connection", "close");
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
