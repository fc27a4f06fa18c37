package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Answers that are written while they are sent.
class HttpStreamTest {
    private static final int LINE_LENGTH = 1000;
    private static final long LINES = 64_000;
    private static final String LINE = "ä".repeat(LINE_LENGTH - 1) + "\n";

    private final AtomicLong writtenLines = new AtomicLong();
    private HttpApi api = new HttpApi();

    @AfterEach
    void close() {
        api.close();
    }

    private int start(Duration idle) throws IOException {
        api = new HttpApi(new HttpLimits(100, 1 << 20, idle, Duration.ofHours(1)));
        api.largeRoute(
                "GET",
                "/long",
                0,
                request -> HttpReply.streamedText(body -> {
                    for (long i = 0; i < LINES; i++) {
                        body.write(LINE);
                        writtenLines.incrementAndGet();
                    }
                }));
        api.largeRoute("GET", "/large", 0, request -> HttpReply.text(200, "large"));
        api.route("GET", "/short", 0, request -> HttpReply.streamedText(body -> body.write("short")));
        api.route(
                "GET",
                "/fails-at-once",
                0,
                request -> HttpReply.streamedText(body -> {
                    body.write("something");
                    throw new IOException("no disk");
                }));
        api.route(
                "GET",
                "/fails-late",
                0,
                request -> HttpReply.streamedText(body -> {
                    body.write(LINE.repeat(200));
                    throw new IllegalStateException("bug");
                }));
        api.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return api.port();
    }

    private int start() throws IOException {
        return start(Duration.ofHours(1));
    }

    private static String get(String path, String version) {
        return "GET " + path + " HTTP/" + version + "\r\nHost: x\r\n\r\n";
    }

    private static HttpResponse<InputStream> fetch(HttpClient client, int port, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static long length(InputStream body) throws IOException {
        try (body) {
            return body.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Test
    void aShortOneIsAnAnswerLikeAllOthers() throws IOException {
        try (var client = new HttpExchange(start())) {
            var answer = client.send(get("/short", "1.1")).receive();

            assertThat(answer).isEqualTo("""
                HTTP/1.1 200 OK
                Content-Type: text/plain; charset=utf-8
                X-Nsq-Content-Type: nsq; version=1.0
                Content-Length: 5
                Connection: keep-alive

                short\
                """);
            assertThat(client.send(get("/short", "1.1")).receive()).endsWith("short");
        }
    }

    @Test
    void aLongOneComesInChunksAndTheConnectionServesTheNext() throws Exception {
        int port = start();
        try (var client = HttpClient.newHttpClient()) {
            var answer = fetch(client, port, "/long");

            assertThat(answer.headers().firstValue("transfer-encoding")).contains("chunked");
            assertThat(length(answer.body())).isEqualTo(LINES * (2L * LINE_LENGTH - 1));
            assertThat(length(fetch(client, port, "/short").body())).isEqualTo(5);
        }
    }

    @Test
    void aClientOfTheOldProtocolGetsItUntilTheEndOfTheConnection() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), start())) {
            socket.getOutputStream().write(get("/long", "1.0").getBytes(StandardCharsets.US_ASCII));

            var answer = socket.getInputStream().readAllBytes();

            var head = new String(answer, 0, 500, StandardCharsets.ISO_8859_1);
            int headLength = head.indexOf("\r\n\r\n") + 4;
            assertThat(head).contains("Connection: close").doesNotContain("Transfer-Encoding", "Content-Length");
            assertThat(answer.length - headLength).isEqualTo(LINES * (2L * LINE_LENGTH - 1));
        }
    }

    @Test
    void nothingIsMadeForAClientThatReadsNothingAndInTheEndItIsClosed() throws IOException {
        int port = start(Duration.ofSeconds(2));
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(16 * 1024);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream().write(get("/long", "1.1").getBytes(StandardCharsets.US_ASCII));

            await("it is closed")
                    .until(() -> api.slots().freeCount() == HttpApi.MAX_LARGE_ANSWERS && writtenLines.get() > 0);

            // Besides two pieces it is what the two systems take.
            assertThat(writtenLines.get()).isLessThan(LINES / 4);
        }
    }

    @Test
    void soManyLargeAnswersAreUnderWayAndTheNextWaitsForOneOfThemToEnd() throws IOException {
        int port = start();
        List<Socket> deaf = new ArrayList<>();
        try (var next = new HttpExchange(port)) {
            for (int i = 0; i < HttpApi.MAX_LARGE_ANSWERS; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                deaf.add(socket);
                socket.getOutputStream().write(get("/long", "1.1").getBytes(StandardCharsets.US_ASCII));
            }
            await("all are under way").until(() -> api.slots().freeCount() == 0);
            next.send(get("/large", "1.1"));

            assertThat(next.isSilentFor(Duration.ofMillis(200))).isTrue();

            deaf.getFirst().close();
            assertThat(next.receive()).endsWith("large");
        } finally {
            for (var socket : deaf) {
                socket.close();
            }
        }
    }

    @Test
    void oneThatFailsBeforeAnythingIsSentIsAnError() throws IOException {
        try (var client = new HttpExchange(start())) {
            assertThat(client.send(get("/fails-at-once", "1.1")).receive())
                    .startsWith("HTTP/1.1 500 ")
                    .endsWith("{\"message\":\"INTERNAL_ERROR\"}");
            assertThat(client.send(get("/short", "1.1")).receive()).endsWith("short");
        }
    }

    @Test
    void oneThatFailsLaterHasNoEnd() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), start())) {
            socket.getOutputStream().write(get("/fails-late", "1.1").getBytes(StandardCharsets.US_ASCII));

            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

            assertThat(answer).startsWith("HTTP/1.1 200 OK").doesNotEndWith("\r\n0\r\n\r\n");
        }
    }
}
