package io.waystation.daemon;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Where a request goes: to a route, or straight back with a refusal. Immutable.
sealed interface HttpTarget {
    /// Parameters of a query that are looked at; what follows is ignored.
    int MAX_PARAMETERS = 1024;

    int BAD_REQUEST = 400;
    String OPTIONS = "OPTIONS";
    /// The target of requests that concern no path.
    String WHOLE_SERVER = "*";

    /// The route that takes the request; the query is as it came.
    record Found(HttpRoute route, String path, Map<String, String> pathParameters, String rawQuery)
            implements HttpTarget {
        /// The parameters of the query, decoded.
        Map<String, List<String>> query() {
            if (rawQuery.indexOf(';') >= 0) {
                // Go refuses what was once a separator, so that nobody is surprised by either reading.
                throw new HttpRequest.UndecodableQueryException("a semicolon in the query (expected: it escaped)");
            }
            try {
                // A request line has no fragments, so their sign is one like others.
                return new QueryStringDecoder(
                                rawQuery.replace("#", "%23"), StandardCharsets.UTF_8, false, MAX_PARAMETERS, true)
                        .parameters();
            } catch (IllegalArgumentException undecodable) {
                throw new HttpRequest.UndecodableQueryException(String.valueOf(undecodable.getMessage()));
            }
        }
    }

    /// No route does; this is the answer.
    ///
    /// @param logged whether nsqd logs such a request
    record Refused(HttpReply reply, boolean logged) implements HttpTarget {
        Refused(HttpReply reply) {
            this(reply, false);
        }
    }

    /// Whether the request line itself is wrong, whatever the routes are.
    default boolean isMalformed() {
        return this instanceof Refused refused && refused.reply().status() == BAD_REQUEST;
    }

    /// Finds the target of a request line under the rules of NSQ's router: the right method on the right path; a path
    /// that differs by case, doubled or trailing slashes is redirected.
    static HttpTarget of(List<HttpRoute> routes, String method, String uri) {
        var relative = withoutAuthority(uri);
        int question = relative.indexOf('?');
        var rawPath = question < 0 ? relative : relative.substring(0, question);
        var rawQuery = question < 0 ? "" : relative.substring(question + 1);
        String path;
        try {
            path = QueryStringDecoder.decodeComponent(rawPath.replace("+", "%2B"));
        } catch (IllegalArgumentException undecodable) {
            return new Refused(HttpReply.plain(BAD_REQUEST, "400 Bad Request"));
        }
        if (path.equals(WHOLE_SERVER)) {
            return ofWholeServer(routes, method);
        }
        var segments = HttpRoute.split(path);
        for (var route : routes) {
            var parameters = route.match(segments);
            if (parameters != null && route.method().equals(method)) {
                return new Found(route, path, parameters, rawQuery);
            }
        }
        return refuse(routes, method, path, relative.substring(rawPath.length()));
    }

    private static String withoutAuthority(String uri) {
        int authority = uri.startsWith("/") ? -1 : uri.indexOf("://");
        if (authority < 0) {
            return uri;
        }
        int path = uri.indexOf('/', authority + "://".length());
        return path < 0 ? "/" : uri.substring(path);
    }

    private static Refused ofWholeServer(List<HttpRoute> routes, String method) {
        if (method.equals(OPTIONS)) {
            return new Refused(HttpReply.unmarked(200));
        }
        var methods = new TreeSet<String>();
        routes.forEach(route -> methods.add(route.method()));
        return new Refused(notAllowed(methods), true);
    }

    private static HttpReply notAllowed(Set<String> methods) {
        return HttpReply.error(405, "METHOD_NOT_ALLOWED").with("Allow", allowed(methods));
    }

    private static String allowed(Set<String> methods) {
        var all = new TreeSet<>(methods);
        all.add(OPTIONS);
        return String.join(", ", all);
    }

    private static Refused refuse(List<HttpRoute> routes, String method, String path, String query) {
        var segments = HttpRoute.split(path);
        var methods = new TreeSet<String>();
        for (var route : routes) {
            if (route.match(segments) != null) {
                methods.add(route.method());
            }
        }
        if (!methods.isEmpty()) {
            return method.equals(OPTIONS)
                    ? new Refused(HttpReply.unmarked(200).with("Allow", allowed(methods)))
                    : new Refused(notAllowed(methods), true);
        }
        var cleaned = HttpRoute.split(cleaned(path));
        for (var route : routes) {
            var spelled = route.spelled(cleaned);
            if (spelled != null && route.method().equals(method)) {
                var location = spelled + query;
                return new Refused(method.equals("GET") ? HttpReply.moved(location) : HttpReply.redirected(location));
            }
        }
        return new Refused(HttpReply.error(404, "NOT_FOUND"), true);
    }

    /// The path without doubled and trailing slashes, and without steps up or in place.
    private static String cleaned(String path) {
        var kept = new ArrayDeque<String>();
        for (var segment : HttpRoute.split(path)) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.add(segment);
            }
        }
        return "/" + String.join("/", kept);
    }
}
