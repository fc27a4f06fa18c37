package io.waystation.broker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// An auth server that answers everybody the same and remembers what it was asked.
public final class AuthServer implements AutoCloseable {
    private final HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile String answer;
    private volatile int status = 200;
    private volatile CountDownLatch goOn = new CountDownLatch(0);
    private final AtomicInteger held = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public AuthServer(String answer) throws IOException {
        this(answer, null);
    }

    AuthServer(String answer, @Nullable SSLContext tls) throws IOException {
        this.answer = answer;
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            server = HttpServer.create(address, 0);
        } else {
            var encrypted = HttpsServer.create(address, 0);
            encrypted.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = encrypted;
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = exchange.getRequestHeaders();
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var type = headers.getFirst("Content-Type");
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " accept="
                    + headers.getFirst("Accept") + (type == null ? "" : " " + type)
                    + (body.isEmpty() ? "" : " " + body));
            held.incrementAndGet();
            awaitGoOn();
            var bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private void awaitGoOn() throws IOException {
        try {
            goOn.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    /// Answers nobody until [#goOn].
    void hold() {
        goOn = new CountDownLatch(1);
    }

    void goOn() {
        goOn.countDown();
    }

    /// Requests that were answered or are to be.
    int heldCount() {
        return held.get();
    }

    public void answer(String next) {
        answer = next;
    }

    public void status(int next) {
        status = next;
    }

    public List<String> requests() {
        return requests;
    }

    int port() {
        return server.getAddress().getPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        threads.close();
    }
}
