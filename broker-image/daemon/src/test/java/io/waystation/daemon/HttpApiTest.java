package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The HTTP server over sockets.
class HttpApiTest {
    private static final int MAX_BODY_BYTES = 100;
    private static final Duration NEVER = Duration.ofHours(1);
    private static final HttpLimits LIMITS = new HttpLimits(100, 1 << 20, NEVER, NEVER);

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final CountDownLatch handling = new CountDownLatch(1);
    private HttpApi api = new HttpApi(LIMITS);

    @AfterEach
    void close() {
        mayAnswer.countDown();
        api.close();
    }

    private HttpExchange connect() throws IOException {
        return connect(LIMITS);
    }

    private HttpExchange connect(HttpLimits limits) throws IOException {
        api = new HttpApi(limits);
        api.route("GET", "/ping", 0, request -> HttpReply.ok());
        api.route(
                "POST",
                "/echo",
                MAX_BODY_BYTES,
                request -> HttpReply.text(
                        request.isBodyTooLarge() ? 413 : 200, new String(request.body(), StandardCharsets.UTF_8)));
        api.route("GET", "/query", 0, request -> HttpReply.text(200, request.query("a") + "|" + request.query("b")));
        api.route("GET", "/config/:opt", 0, request -> HttpReply.text(200, request.path("opt")));
        api.route("PUT", "/config/:opt", 10, request -> HttpReply.empty());
        api.route("GET", "/large", 0, request -> HttpReply.text(200, "x".repeat(32 * 1024 * 1024)));
        api.route("GET", "/wait", 0, request -> {
            handling.countDown();
            waitFor(mayAnswer);
            return HttpReply.ok();
        });
        api.route("POST", "/failure", 0, request -> {
            throw new IOException("no disk");
        });
        api.route("POST", "/bug", 0, request -> {
            throw new IllegalStateException("bug");
        });
        api.route("POST", "/error", 0, request -> {
            throw new StackOverflowError();
        });
        api.alias("POST", "/old_echo", "/echo");
        api.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return new HttpExchange(api.port());
    }

    private static void waitFor(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void anAnswerHasNsqsHeaders() throws IOException {
        try (var client = connect()) {
            var answer = client.send(post("/echo", "body")).receive();

            assertThat(answer).isEqualTo("""
                HTTP/1.1 200 OK
                Content-Type: text/plain; charset=utf-8
                X-Nsq-Content-Type: nsq; version=1.0
                Content-Length: 4
                Connection: keep-alive

                body\
                """);
        }
    }

    @Test
    void pingHasNoNsqHeader() throws IOException {
        try (var client = connect()) {
            var answer = client.send(get("/ping")).receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\n")
                    .endsWith("\n\nOK")
                    .doesNotContain("X-Nsq");
        }
    }

    @Test
    void successWithoutContentHasNoType() throws IOException {
        try (var client = connect()) {
            var answer = client.send("PUT /config/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1")
                    .receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\n")
                    .contains("Content-Length: 0\n")
                    .doesNotContain("Content-Type: text");
        }
    }

    @Test
    void aConnectionTakesOneRequestAfterTheOther() throws IOException {
        try (var client = connect()) {
            client.send(post("/echo", "first")).receive();

            var second = client.send(post("/echo", "second")).receive();

            assertThat(second).endsWith("\n\nsecond");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1\r\nConnection: close", "HTTP/1.0"})
    void aClientThatWantsOneAnswerGetsOne(String version) throws IOException {
        try (var client = connect()) {
            var answer =
                    client.send("GET /ping " + version + "\r\nHost: x\r\n\r\n").receive();

            assertThat(answer).contains("Connection: close\n").endsWith("\n\nOK");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
        try (var client = connect()) {
            var requests = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                requests.append(i % 2 == 0 ? post("/echo", "number " + i) : get("/query?a=" + i));
            }

            client.send(requests.toString());

            for (int i = 0; i < 500; i++) {
                assertThat(client.receive()).endsWith(i % 2 == 0 ? "\n\nnumber " + i : "\n\n" + i + "|null");
            }
        }
    }

    @Test
    void pipelinedRefusalsAreAnsweredToo() throws IOException {
        try (var client = connect()) {
            client.send(get("/none").repeat(300) + get("/ping"));

            for (int i = 0; i < 300; i++) {
                assertThat(client.receive()).startsWith("HTTP/1.1 404 Not Found\n");
            }
            assertThat(client.receive()).endsWith("\n\nOK");
        }
    }

    @Test
    void requestsMayComeByteByByte() throws IOException {
        try (var client = connect()) {
            client.sendByteByByte(post("/echo", "first") + get("/ping"));

            assertThat(client.receive()).endsWith("\n\nfirst");
            assertThat(client.receive()).endsWith("\n\nOK");
        }
    }

    @Test
    void aChunkedBodyIsABody() throws IOException {
        try (var client = connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            var answer = client.send("3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n").receive();

            assertThat(answer).endsWith("\n\nabcdefg");
        }
    }

    @Test
    void aClientThatAsksWhetherToGoOnIsTold() throws IOException {
        try (var client = connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\n\n");

            var answer = client.send("body").receive();

            assertThat(answer).endsWith("\n\nbody");
        }
    }

    @Test
    void aFormBodyIsNoParameter() throws IOException {
        try (var client = connect()) {
            var answer = client.send("POST /echo?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                            + "Content-Type: application/x-www-form-urlencoded\r\n\r\na=b")
                    .receive();

            assertThat(answer).endsWith("\n\na=b");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/query?a=1&b=2, 1|2",
        "/query?a=1&a=2, 1|null",
        "/query?a=, |null",
        "/query?a, |null",
        "/query?a=%23x+y, #x y|null",
        "http://host/query?a=1, 1|null",
        "/config/log%5Flevel, log_level"
    })
    void parametersComeFromTheQueryAndThePath(String uri, String expected) throws IOException {
        try (var client = connect()) {
            var answer = client.send(get(uri)).receive();

            assertThat(answer).endsWith("\n\n" + expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/query?a=%zz", "/query?a=%2", "/query?a=1;b=2"})
    void aQueryThatCannotBeDecodedIsRefused(String uri) throws IOException {
        try (var client = connect()) {
            var answer = client.send(get(uri)).receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 400 Bad Request\n")
                    .endsWith("\n\n{\"message\":\"INVALID_REQUEST\"}");
        }
    }

    @Test
    void anUnknownPathIsNotFound() throws IOException {
        try (var client = connect()) {
            var answer = client.send(get("/none")).receive();

            assertThat(answer).isEqualTo("""
                HTTP/1.1 404 Not Found
                Content-Type: application/json; charset=utf-8
                X-Nsq-Content-Type: nsq; version=1.0
                Content-Length: 23
                Connection: keep-alive

                {"message":"NOT_FOUND"}\
                """);
        }
    }

    @Test
    void aWrongMethodIsToldTheRightOnes() throws IOException {
        try (var client = connect()) {
            var answer = client.send(post("/config/a", "")).receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 405 Method Not Allowed\n")
                    .contains("Allow: GET, OPTIONS, PUT\n", "X-Nsq-Content-Type: nsq; version=1.0\n")
                    .endsWith("\n\n{\"message\":\"METHOD_NOT_ALLOWED\"}");
        }
    }

    @Test
    void headIsAWrongMethodAndItsAnswerHasNoBody() throws IOException {
        try (var client = connect()) {
            var head = client.send("HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n").head();

            assertThat(head).startsWith("HTTP/1.1 405 Method Not Allowed\n").contains("Allow: GET, OPTIONS\n");
            assertThat(client.send(get("/ping")).receive()).startsWith("HTTP/1.1 200 OK\n");
        }
    }

    @Test
    void optionsAnswersWithTheMethods() throws IOException {
        try (var client = connect()) {
            var answer =
                    client.send("OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n").receive();

            assertThat(answer).startsWith("HTTP/1.1 200 OK\n").contains("Allow: OPTIONS, POST\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /ping/, 301 Moved Permanently, /ping",
        "GET, //ping, 301 Moved Permanently, /ping",
        "GET, /PING?a=B, 301 Moved Permanently, /ping?a=B",
        "GET, /Config/A, 301 Moved Permanently, /config/A",
        "POST, /echo/, 307 Temporary Redirect, /echo"
    })
    void aPathThatDiffersLittleIsRedirected(String method, String path, String status, String location)
            throws IOException {
        try (var client = connect()) {
            var answer = client.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                    .receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + "\n")
                    .contains("Location: " + location + "\n")
                    .doesNotContain("X-Nsq");
        }
    }

    @Test
    void anOldPathGoesWhereTheNewOneDoes() throws IOException {
        try (var client = connect()) {
            var answer = client.send(post("/old_echo", "body")).receive();

            assertThat(answer).endsWith("\n\nbody");
        }
    }

    @Test
    void anAliasOfNothingIsABug() {
        assertThatThrownBy(() -> api.alias("GET", "/old", "/none")).hasMessage("no route for /none");
    }

    @Test
    void aBodyOfJustTheLimitIsTaken() throws IOException {
        try (var client = connect()) {
            var answer = client.send(post("/echo", "b".repeat(MAX_BODY_BYTES))).receive();

            assertThat(answer).startsWith("HTTP/1.1 200 OK\n").endsWith("b".repeat(MAX_BODY_BYTES));
        }
    }

    @Test
    void aBodyBeyondTheLimitIsReadAndForgottenAndTheNextRequestTaken() throws IOException {
        try (var client = connect()) {
            client.send(post("/echo", "b".repeat(5_000_000)) + get("/ping"));

            assertThat(client.receive()).startsWith("HTTP/1.1 413 Request Entity Too Large\n");
            assertThat(client.receive()).endsWith("\n\nOK");
        }
    }

    @Test
    void aBodyFarBeyondTheLimitIsAnsweredBeforeItsEndAndLast() throws IOException {
        try (var client = connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n\r\n");
            client.send("b".repeat(16 * 1024 * 1024 + 1));

            assertThat(client.receive())
                    .startsWith("HTTP/1.1 413 Request Entity Too Large\n")
                    .contains("Connection: close\n");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void bodiesTogetherAreBounded() throws IOException {
        try (var first = connect(new HttpLimits(100, 150, NEVER, NEVER));
                var second = new HttpExchange(api.port())) {
            first.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + "b".repeat(99));
            await().until(() -> api.bodies().takenBytes() > 0);

            var refused = second.send(post("/echo", "b".repeat(100))).receive();

            assertThat(refused)
                    .startsWith("HTTP/1.1 503 Service Unavailable\n")
                    .endsWith("\n\n{\"message\":\"TOO_MANY_BODIES\"}");
            assertThat(first.send("b").receive()).startsWith("HTTP/1.1 200 OK\n");
            assertThat(second.send(post("/echo", "b".repeat(100))).receive()).startsWith("HTTP/1.1 200 OK\n");
            assertThat(api.bodies().refusedCount()).isEqualTo(1);
            assertThat(api.bodies().takenBytes()).isZero();
        }
    }

    @Test
    void aBodyAloneIsTakenWhateverTheBound() throws IOException {
        try (var client = connect(new HttpLimits(100, 10, NEVER, NEVER))) {
            var answer = client.send(post("/echo", "b".repeat(MAX_BODY_BYTES))).receive();

            assertThat(answer).startsWith("HTTP/1.1 200 OK\n");
        }
    }

    @Test
    void aBodyWhoseClientLeavesGivesItsRoomBack() throws IOException {
        try (var client = connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + "b".repeat(99));
            await().until(() -> api.bodies().takenBytes() > 0);
        }

        await().untilAsserted(() -> assertThat(api.bodies().takenBytes()).isZero());
    }

    @Test
    void aBodyThatComesTooSlowlyEndsItsConnection() throws IOException {
        try (var client = connect(new HttpLimits(100, 1000, NEVER, Duration.ofMillis(50)))) {
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nb");

            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aHeadThatNeverEndsEndsItsConnection() throws IOException {
        try (var client = connect(new HttpLimits(100, 1000, NEVER, Duration.ofMillis(50)))) {
            client.send("GET /ping HT");

            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (var client = connect(new HttpLimits(100, 1000, Duration.ofMillis(50), NEVER))) {
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aRequestThatIsBeingHandledIsNotIdle() throws IOException, InterruptedException {
        try (var idle = connect(new HttpLimits(100, 1000, Duration.ofMillis(50), NEVER));
                var client = new HttpExchange(api.port())) {
            client.send(get("/wait"));
            handling.await();
            var later = new HttpExchange(api.port());
            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(later.isClosedByServer()).isTrue();

            mayAnswer.countDown();

            assertThat(client.receive()).endsWith("\n\nOK");
            later.close();
        }
    }

    @Test
    void aClientThatDoesNotReadItsAnswerIsClosedAndCostsOneAnswer() throws IOException {
        try (var client = connect(new HttpLimits(1, 1000, Duration.ofMillis(300), NEVER))) {
            client.send(get("/large").repeat(100));

            await().until(() -> {
                try (var next = new HttpExchange(api.port())) {
                    return next.send(get("/ping")).head().startsWith("HTTP/1.1 200 OK");
                } catch (IOException refused) {
                    return false;
                }
            });
        }
    }

    @Test
    void oneConnectionTooManyIsClosed() throws IOException {
        try (var first = connect(new HttpLimits(1, 1000, NEVER, NEVER));
                var second = new HttpExchange(api.port())) {
            assertThat(second.isClosedByServer()).isTrue();
            assertThat(first.send(get("/ping")).receive()).endsWith("\n\nOK");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/failure", "/bug", "/error"})
    void whateverAHandlerThrowsIsAnswered(String path) throws IOException {
        try (var client = connect()) {
            var answer = client.send(post(path, "")).receive();

            assertThat(answer)
                    .startsWith("HTTP/1.1 500 Internal Server Error\n")
                    .endsWith("\n\n{\"message\":\"INTERNAL_ERROR\"}");
            assertThat(client.send(get("/ping")).receive()).endsWith("\n\nOK");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"  V2\n\r\n\r\n", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\r\n\r\n", "GET\r\n\r\n"})
    void whatIsNotHttpIsAnsweredAsABadRequest(String garbage) throws IOException {
        try (var client = connect()) {
            var answer = client.send(garbage).receive();

            assertThat(answer).startsWith("HTTP/1.1 400 Bad Request\n").contains("Connection: close\n");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void anEndlessLineIsRefused() throws IOException {
        try (var client = connect()) {
            var answer =
                    client.send("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\n").receive();

            assertThat(answer).startsWith("HTTP/1.1 431 Request Header Fields Too Large\n");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void endlessHeadersAreRefused() throws IOException {
        try (var client = connect()) {
            var answer = client.send("GET /ping HTTP/1.1\r\n" + "X-Header: value\r\n".repeat(10_000))
                    .receive();

            assertThat(answer).startsWith("HTTP/1.1 431 Request Header Fields Too Large\n");
        }
    }

    @Test
    void aClientThatSendsNothingMoreStillGetsItsAnswer() throws IOException {
        try (var client = connect()) {
            var answer = client.send(get("/ping")).endOfInput().receive();

            assertThat(answer).endsWith("\n\nOK");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aTakenPortIsSaidSo() throws IOException {
        try (var client = connect();
                var other = new HttpApi(LIMITS)) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port());

            assertThatThrownBy(() -> other.start(address))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("http-address: cannot listen on localhost:" + api.port() + ": ");
            assertThat(client.send(get("/ping")).receive()).endsWith("\n\nOK");
        }
    }
}
