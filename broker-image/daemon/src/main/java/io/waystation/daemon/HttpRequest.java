package io.waystation.daemon;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request, complete. Confined to the thread that handles it.
public final class HttpRequest {
    /// The query cannot be decoded; the connection answers it.
    static final class UndecodableQueryException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UndecodableQueryException(String text) {
            super(text, null, false, false);
        }
    }

    private final String method;
    private final String path;
    private final Map<String, String> pathParameters;
    private final Supplier<Map<String, List<String>>> decoder;
    private final String accept;
    private @Nullable Map<String, List<String>> query;
    private final byte[] body;
    private final boolean bodyTooLarge;

    HttpRequest(
            String method,
            String path,
            Map<String, String> pathParameters,
            Supplier<Map<String, List<String>>> decoder,
            String accept,
            byte[] body,
            boolean bodyTooLarge) {
        this.method = method;
        this.path = path;
        this.pathParameters = pathParameters;
        this.decoder = decoder;
        this.accept = accept;
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
        var values = query().get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    /// Decoded when a handler first asks, since NSQ checks some things before, and some paths never look at the query.
    private Map<String, List<String>> query() {
        var decoded = query;
        if (decoded == null) {
            decoded = decoder.get();
            query = decoded;
        }
        return decoded;
    }

    /// What the client would like to get; empty when it does not say.
    public String accept() {
        return accept;
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
