package io.waystation.daemon;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request, complete. Immutable but for the body's bytes, which belong to the handler.
public final class HttpRequest {
    private final String method;
    private final String path;
    private final Map<String, String> pathParameters;
    private final Map<String, List<String>> query;
    private final byte[] body;
    private final boolean bodyTooLarge;

    HttpRequest(
            String method,
            String path,
            Map<String, String> pathParameters,
            Map<String, List<String>> query,
            byte[] body,
            boolean bodyTooLarge) {
        this.method = method;
        this.path = path;
        this.pathParameters = pathParameters;
        this.query = query;
        this.body = body;
        this.bodyTooLarge = bodyTooLarge;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    /// The part of the path that stands where the route has `:name`.
    public String path(String name) {
        var value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no :" + name);
        }
        return value;
    }

    /// The first value of a query parameter; null when there is none.
    public @Nullable String query(String name) {
        var values = query.get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    /// The body; empty when it was too large.
    public byte[] body() {
        return body;
    }

    /// Whether more came than the route takes.
    public boolean isBodyTooLarge() {
        return bodyTooLarge;
    }
}
