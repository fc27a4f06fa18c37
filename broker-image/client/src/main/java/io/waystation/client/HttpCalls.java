package io.waystation.client;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// HTTP calls to lookups and brokers. Immutable.
public final class HttpCalls {
    private final Duration connectTimeout;
    private final Duration requestTimeout;

    public HttpCalls(Duration connectTimeout, Duration requestTimeout) {
        this.connectTimeout = connectTimeout;
        this.requestTimeout = requestTimeout;
    }

    /// GETs JSON; an address may be `host:port` or a URL with a path of its own. Anything but 200 is an exception with
    /// the
    /// answer in it.
    public JsonValue get(String address, String path) throws IOException {
        var base = address.contains("://") ? address : "http://" + address;
        var url = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout((int) connectTimeout.toMillis());
        connection.setReadTimeout((int) requestTimeout.toMillis());
        connection.setRequestProperty("Accept", "application/vnd.nsq; version=1.0");
        try {
            if (connection.getResponseCode() != 200) {
                var error = connection.getErrorStream();
                var text = error == null ? "" : new String(error.readAllBytes(), StandardCharsets.UTF_8);
                throw new IOException("got response " + connection.getResponseCode() + " \"" + text + "\" for " + url);
            }
            try (var body = connection.getInputStream()) {
                return JsonValue.parse(body);
            }
        } finally {
            connection.disconnect();
        }
    }

    /// The brokers that a lookup names for a topic, as `broadcast_address:port`.
    public List<String> producers(String lookup, String topic, String portKey) throws IOException {
        var answer = get(lookup, "/lookup?topic=" + encode(topic));
        var addresses = new ArrayList<String>();
        for (var producer : answer.get("producers").elements()) {
            addresses.add(producer.get("broadcast_address").text() + ":"
                    + producer.get(portKey).number());
        }
        return addresses;
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
