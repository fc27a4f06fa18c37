package io.waystation.client;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// HTTP calls to lookups and brokers. Immutable, hence for any thread; a call blocks its caller.
public final class HttpCalls {
    private static final int MAX_ERROR_BYTES = 4096;

    private final Duration connectTimeout;
    private final Duration requestTimeout;
    /// Empty: nothing is said of who asks.
    private final String bearer;

    public HttpCalls(Duration connectTimeout, Duration requestTimeout) {
        this(connectTimeout, requestTimeout, "");
    }

    private HttpCalls(Duration connectTimeout, Duration requestTimeout, String bearer) {
        this.connectTimeout = connectTimeout;
        this.requestTimeout = requestTimeout;
        this.bearer = bearer;
    }

    /// The same calls with a secret in the header `Authorization`.
    HttpCalls withBearer(String secret) {
        return new HttpCalls(connectTimeout, requestTimeout, secret);
    }

    /// GETs JSON; an address may be `host:port` or a URL with a path of its own. Anything but 200 is an exception
    /// with the answer in it.
    public JsonValue get(String address, String path) throws IOException {
        var base = address.contains("://") ? address : "http://" + address;
        var url = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
        try {
            return get(url);
        } catch (IllegalArgumentException | ClassCastException noHttp) {
            throw new IOException("address '" + address + "' (expected: host:port or an http URL)", noHttp);
        }
    }

    private JsonValue get(String url) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(Math.toIntExact(connectTimeout.toMillis()));
        connection.setReadTimeout(Math.toIntExact(requestTimeout.toMillis()));
        connection.setRequestProperty("Accept", "application/vnd.nsq; version=1.0");
        if (!bearer.isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + bearer);
            // A redirection may lead to somebody whom the secret is not for.
            connection.setInstanceFollowRedirects(false);
        }
        try {
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException("got response " + connection.getResponseCode() + " \"" + errorText(connection)
                        + "\" for " + url);
            }
            try (var body = connection.getInputStream()) {
                return JsonValue.parse(body);
            }
        } finally {
            connection.disconnect();
        }
    }

    private static String errorText(HttpURLConnection connection) throws IOException {
        try (var error = connection.getErrorStream()) {
            return error == null ? "" : new String(error.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8).strip();
        }
    }

    /// The brokers that a lookup names for a topic, as `broadcast_address:port`.
    ///
    /// @param portKey which of their ports: `tcp_port` or `http_port`
    public List<String> producers(String lookup, String topic, String portKey) throws IOException {
        var answer = get(lookup, "/lookup?topic=" + encode(topic));
        var addresses = new ArrayList<String>();
        for (var producer : answer.get("producers").elements()) {
            addresses.add(producer.get("broadcast_address").text() + ":"
                    + producer.get(portKey).number());
        }
        return addresses;
    }

    /// A text as part of a query.
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
