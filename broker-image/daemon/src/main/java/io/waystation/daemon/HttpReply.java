package io.waystation.daemon;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a handler answers. Immutable. An empty content type stands for none, which goes with an empty body.
public final class HttpReply {
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final HttpReply EMPTY = new HttpReply(200, "", new byte[0], Map.of());
    private static final HttpReply OK = text(200, "OK");

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Map<String, String> headers;

    private HttpReply(int status, String contentType, byte[] body, Map<String, String> headers) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.headers = headers;
    }

    public int status() {
        return status;
    }

    String contentType() {
        return contentType;
    }

    byte[] body() {
        return body;
    }

    Map<String, String> headers() {
        return headers;
    }

    boolean isRedirect() {
        return status / 100 == 3;
    }

    public static HttpReply ok() {
        return OK;
    }

    /// Success without data.
    public static HttpReply empty() {
        return EMPTY;
    }

    public static HttpReply text(int status, String text) {
        return new HttpReply(status, TEXT, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    public static HttpReply json(String json) {
        return json(200, json);
    }

    public static HttpReply json(int status, String json) {
        return new HttpReply(status, JSON, json.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /// Text of another kind.
    public static HttpReply typed(String contentType, String text) {
        return new HttpReply(200, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static HttpReply bytes(byte[] bytes) {
        return new HttpReply(200, "application/octet-stream", bytes, Map.of());
    }

    /// NSQ's form of an error; the code is one word.
    public static HttpReply error(int status, String code) {
        return json(status, "{\"message\":\"" + code + "\"}");
    }

    static HttpReply redirect(int status, String location) {
        return new HttpReply(status, "", new byte[0], Map.of("Location", location));
    }

    /// The same reply with one more header.
    HttpReply with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new HttpReply(status, contentType, body, Map.copyOf(more));
    }
}
