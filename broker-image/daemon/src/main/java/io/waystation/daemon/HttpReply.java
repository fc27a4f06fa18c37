package io.waystation.daemon;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a handler answers. Immutable. An empty content type stands for none, which goes with an empty body.
public final class HttpReply {
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String HTML = "text/html; charset=utf-8";
    private static final HttpReply EMPTY = new HttpReply(200, "", new byte[0], Map.of(), true);
    private static final HttpReply OK = text(200, "OK");

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Map<String, String> headers;
    private final boolean marked;
    /// Writes the body while it is sent; null: it is there.
    private final @Nullable HttpBodyWriter writer;

    private HttpReply(int status, String contentType, byte[] body, Map<String, String> headers, boolean marked) {
        this(status, contentType, body, headers, marked, null);
    }

    private HttpReply(
            int status,
            String contentType,
            byte[] body,
            Map<String, String> headers,
            boolean marked,
            @Nullable HttpBodyWriter writer) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.headers = headers;
        this.marked = marked;
        this.writer = writer;
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

    /// Whether it bears NSQ's content type.
    boolean isMarked() {
        return marked;
    }

    @Nullable HttpBodyWriter writer() {
        return writer;
    }

    public static HttpReply ok() {
        return OK;
    }

    /// Success without data.
    public static HttpReply empty() {
        return EMPTY;
    }

    public static HttpReply text(int status, String text) {
        return new HttpReply(status, TEXT, text.getBytes(StandardCharsets.UTF_8), Map.of(), true);
    }

    /// Text that is none of NSQ's API and does not bear its content type: for developers, or below HTTP's paths.
    public static HttpReply plain(int status, String text) {
        return new HttpReply(status, TEXT, text.getBytes(StandardCharsets.UTF_8), Map.of(), false);
    }

    public static HttpReply json(String json) {
        return json(200, json);
    }

    public static HttpReply json(int status, String json) {
        return new HttpReply(status, JSON, json.getBytes(StandardCharsets.UTF_8), Map.of(), true);
    }

    /// Text of another kind.
    public static HttpReply typed(String contentType, String text) {
        return new HttpReply(200, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of(), true);
    }

    /// Text of any length that is written while it is sent, so that it is never in memory as a whole.
    public static HttpReply streamed(String contentType, HttpBodyWriter writer) {
        return new HttpReply(200, contentType, new byte[0], Map.of(), true, writer);
    }

    public static HttpReply streamedJson(HttpBodyWriter writer) {
        return streamed(JSON, writer);
    }

    public static HttpReply streamedText(HttpBodyWriter writer) {
        return streamed(TEXT, writer);
    }

    /// The same reply with the body that was written for it.
    HttpReply whole(byte[] written) {
        return new HttpReply(status, contentType, written, headers, marked);
    }

    static HttpReply bytes(byte[] bytes) {
        return new HttpReply(200, "application/octet-stream", bytes, Map.of(), false);
    }

    /// NSQ's form of an error; the code is one word.
    public static HttpReply error(int status, String code) {
        return json(status, "{\"message\":\"" + code + "\"}");
    }

    /// A status alone, which the layer below the paths answers.
    static HttpReply unmarked(int status) {
        return new HttpReply(status, "", new byte[0], Map.of(), false);
    }

    /// A GET that is moved is also told where in HTML, as Go's server does it.
    static HttpReply moved(String location) {
        var escaped = location.replace("&", "&amp;")
                .replace("'", "&#39;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;");
        var link = "<a href=\"" + escaped + "\">Moved Permanently</a>.\n\n";
        return new HttpReply(301, HTML, link.getBytes(StandardCharsets.UTF_8), Map.of("Location", location), false);
    }

    /// Another request than GET is sent again as it is.
    static HttpReply redirected(String location) {
        return new HttpReply(307, "", new byte[0], Map.of("Location", location), false);
    }

    /// The same reply with one more header.
    HttpReply with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new HttpReply(status, contentType, body, Map.copyOf(more), marked, writer);
    }
}
