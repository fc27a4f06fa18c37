package io.waystation.broker.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The auth servers, asked one after the other until one answers. Immutable, so safe from any thread; asking blocks its
/// thread for up to the request timeout and server.
public final class AuthServers {
    private static final int MAX_ANSWER_BYTES = 1024 * 1024;
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(AuthServers.class);

    private final List<String> addresses;
    private final boolean post;
    private final Duration requestTimeout;
    private final HttpClient client;
    private final IntUnaryOperator chooser;
    private final AtomicBoolean warned = new AtomicBoolean();

    /// Timeouts of the options `http-client-connect-timeout` and `http-client-request-timeout`.
    public record Timeouts(Duration connect, Duration request) {}

    /// Refuses an address that is neither with an [IllegalArgumentException].
    ///
    /// @param addresses `host:port`, or a URL that is used as it is; at least one
    /// @param post ask with POST and a JSON body, not with GET
    /// @param trust for https; null: Java's own authorities
    /// @param chooser a number below its argument: which server is asked first
    public AuthServers(
            List<String> addresses,
            boolean post,
            Timeouts timeouts,
            @Nullable SSLContext trust,
            IntUnaryOperator chooser) {
        this.addresses = List.copyOf(addresses);
        addresses.forEach(AuthServers::check);
        this.post = post;
        this.requestTimeout = timeouts.request;
        this.chooser = chooser;
        var builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeouts.connect)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .proxy(HttpClient.Builder.NO_PROXY);
        if (trust != null) {
            builder.sslContext(trust);
        }
        this.client = builder.build();
    }

    /// Checked before a secret is part of it, which an error would quote.
    private static void check(String address) {
        var target = URI.create(endpoint(address));
        boolean known = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
        if (!known || target.getHost() == null) {
            throw new IllegalArgumentException("no host, or neither http nor https");
        }
    }

    /// How long a question takes when no server answers in time.
    public long patienceMs() {
        return requestTimeout.toMillis() * addresses.size();
    }

    /// What the first server that answers grants; throws what was wrong with each when none does.
    public Authorizations ask(AuthQuestion question) throws IOException, InterruptedException {
        int count = addresses.size();
        int first = chooser.applyAsInt(count);
        var failures = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var address = addresses.get((first + i) % count);
            try {
                var granted = Authorizations.parse(request(endpoint(address), question));
                warnOnce(granted);
                return granted;
            } catch (IOException | IllegalArgumentException failure) {
                failures.add(address + ": " + failure.getMessage());
            }
        }
        throw new IOException(String.join("; ", failures));
    }

    private void warnOnce(Authorizations granted) {
        if (!granted.unanchored().isEmpty() && warned.compareAndSet(false, true)) {
            LOG.atWarn()
                    .addKeyValue("pattern", granted.unanchored())
                    .log("patterns of the auth server that are not anchored hold for any part of a name");
        }
    }

    private static String endpoint(String address) {
        return address.contains("://") ? address : "http://" + address + "/auth";
    }

    private byte[] request(String endpoint, AuthQuestion question) throws IOException, InterruptedException {
        var target = URI.create(post ? endpoint : endpoint + "?" + query(question));
        var answer = send(target, question);
        if (answer.statusCode() == FORBIDDEN && !"https".equals(target.getScheme())) {
            answer = send(https(target, answer.body()), question);
        }
        if (answer.statusCode() != OK) {
            throw new IOException("status " + answer.statusCode() + " (expected: 200)");
        }
        return answer.body();
    }

    private HttpResponse<byte[]> send(URI target, AuthQuestion question) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(target)
                .timeout(requestTimeout)
                .header("Accept", "application/vnd.nsq; version=1.0");
        if (post) {
            request.header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body(question)));
        }
        var answer =
                client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            // The request's own timeout ends with the answer's head.
            return answer.get(requestTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException tooLong) {
            answer.cancel(true);
            throw new IOException("no answer within " + requestTimeout.toMillis() + " ms", tooLong);
        } catch (ExecutionException failure) {
            throw new IOException(String.valueOf(failure.getCause()), failure);
        }
    }

    private static String query(AuthQuestion question) {
        return "common_name=" + encode(question.commonName(), StandardCharsets.UTF_8)
                + "&remote_ip=" + encode(question.remoteIp(), StandardCharsets.UTF_8)
                + "&secret=" + encode(question.secret(), StandardCharsets.ISO_8859_1)
                + "&tls=" + question.tls();
    }

    private static String encode(String text, Charset charset) {
        return URLEncoder.encode(text, charset);
    }

    private static String body(AuthQuestion question) throws IOException {
        var secret = new String(question.secret().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (var field : List.of(
                    List.of("common_name", question.commonName()),
                    List.of("remote_ip", question.remoteIp()),
                    List.of("secret", secret),
                    List.of("tls", Boolean.toString(question.tls())))) {
                json.writeArrayFieldStart(field.getFirst());
                json.writeString(field.getLast());
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    /// Where a server that wants TLS says that it is to be asked.
    private static URI https(URI plain, byte[] refusal) throws IOException {
        try (var json = JSON.createParser(refusal)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean isPort = json.currentName().equals("https_port");
                    if (json.nextToken() == JsonToken.VALUE_NUMBER_INT && isPort) {
                        var text = plain.toString();
                        var rest = text.substring(text.indexOf(plain.getRawAuthority())
                                + plain.getRawAuthority().length());
                        return URI.create("https://" + plain.getHost() + ":" + json.getIntValue() + rest);
                    }
                    json.skipChildren();
                }
            }
        }
        throw new IOException("status 403 (expected: 200, or https_port in the answer)");
    }

    /// Ends what is under way.
    public void close() {
        client.shutdownNow();
    }
}
