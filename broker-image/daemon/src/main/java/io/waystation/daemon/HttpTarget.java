package io.waystation.daemon;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Where a request goes: to a route, or straight back with a refusal. Immutable.
sealed interface HttpTarget {
    /// Parameters of a query that are looked at; what follows is ignored.
    int MAX_PARAMETERS = 1024;

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
                return new QueryStringDecoder(rawQuery, StandardCharsets.UTF_8, false, MAX_PARAMETERS, true)
                        .parameters();
            } catch (IllegalArgumentException undecodable) {
                throw new HttpRequest.UndecodableQueryException(String.valueOf(undecodable.getMessage()));
            }
        }
    }

    /// No route does; this is the answer.
    record Refused(HttpReply reply) implements HttpTarget {}

    /// Finds the target of a request line under the rules of NSQ's router: the right method on the right path; a path
    /// that differs by case, doubled or trailing slashes is redirected.
    static HttpTarget of(List<HttpRoute> routes, String method, String uri) {
        var relative = withoutAuthority(uri);
        int question = relative.indexOf('?');
        var rawPath = question < 0 ? relative : relative.substring(0, question);
        var rawQuery = question < 0 ? "" : relative.substring(question + 1);
        String path;
        try {
            path = new QueryStringDecoder(rawPath).path();
        } catch (IllegalArgumentException undecodable) {
            return new Refused(HttpReply.plain(400, "400 Bad Request"));
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

    private static Refused refuse(List<HttpRoute> routes, String method, String path, String query) {
        var segments = HttpRoute.split(path);
        var methods = new TreeSet<String>();
        for (var route : routes) {
            if (route.match(segments) != null) {
                methods.add(route.method());
            }
        }
        if (!methods.isEmpty()) {
            methods.add("OPTIONS");
            var allowed = String.join(", ", methods);
            return new Refused(
                    method.equals("OPTIONS")
                            ? HttpReply.allowed(allowed)
                            : HttpReply.error(405, "METHOD_NOT_ALLOWED").with("Allow", allowed));
        }
        var cleaned = HttpRoute.split(path.replaceAll("/+", "/").replaceAll("(.)/$", "$1"));
        for (var route : routes) {
            var spelled = route.spelled(cleaned);
            if (spelled != null && route.method().equals(method)) {
                var location = spelled + query;
                return new Refused(method.equals("GET") ? HttpReply.moved(location) : HttpReply.redirected(location));
            }
        }
        return new Refused(HttpReply.error(404, "NOT_FOUND"));
    }
}
