package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;

import java.util.ArrayList;
import java.util.List;

/// HTTP requests whose request line and headers are odd: methods, targets and versions, hosts, lengths, chunks,
/// expectations. Each on a connection of its own.
///
/// Left out, since ours differs and is meant to: a HEAD that Go's server refuses by itself (it sends a body all the
/// same), a method on `*` (our paths take more of them), Expect where no body is wanted (ours reads it), chunks with a
/// length beside them, or lines that end without `\r` (ours refuses what a proxy could read in another way), blanks
/// before or doubled in a request line (ours reads past them).
final class FuzzHeads {
    private static final List<String> METHODS =
            List.of("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "Post", "FOO", "X-Y");
    private static final List<String> TARGETS = List.of(
            "/ping",
            "/info?x",
            "/stats?format=json&include_mem=false&topic=unknown",
            "/config/log_level",
            "/",
            "/nothing",
            "//ping",
            "/ping/",
            "/PING",
            "/%70ing",
            "/pi%6eg?",
            "/ping?a=%zz",
            "/ping?;",
            "/ping#part",
            "/./ping",
            "/x/../ping",
            "/ping/../ping",
            "/pi%2fng",
            "/config/log%5flevel",
            "/topic/create/",
            "//topic//create",
            "http://localhost/ping",
            "http://other:1/info?x");
    private static final List<String> HARMLESS = List.of(
            "Accept-Encoding: gzip",
            "Accept-Encoding: deflate, br;q=0.5",
            "Accept: application/vnd.nsq; version=1.0",
            "Accept: text/html",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Encoding: gzip",
            "If-None-Match: *",
            "Range: bytes=0-1",
            "X-HTTP-Method-Override: DELETE",
            "Cookie: a=b",
            "Empty:",
            "Spaces:  \t a \t ",
            "Authorization: Basic eDp5",
            "Origin: http://a",
            "Upgrade-Insecure-Requests: 1");

    /// Lines that are no header, or none that anybody should send.
    private static final List<String> BROKEN = List.of(
            "Host: a\r\nHost: a",
            "Host: a\r\nHost: b",
            "Host: a b",
            "Host: a/b",
            "Host: \u00e4",
            "Host: a\r\nno colon",
            "Host: a\r\n: no name",
            "Host: a\r\nA b: c",
            "Host: a\r\nA : c",
            "Host: a\r\nA\u00e4: c",
            "Host: a\r\nA: \u00e4",
            "Host: a\r\nA: b\0c",
            "Host: a\r\nA: b\001c",
            "Host: a\r\nA: b\r\n folded",
            "Host: a\r\nA: b\rc",
            " Host: a",
            "Transfer-Encoding: Chunked\r\nHost: a",
            "Transfer-Encoding: gzip, chunked\r\nHost: a");
    private static final List<String> LINES = List.of(
            "GET /ping",
            "GET /ping HTTP/1.0",
            "GET /ping HTTP/0.9",
            "GET /ping HTTP/1.2",
            "GET /ping HTTP/2.0",
            "GET /ping HTTP/3",
            "GET /ping HTTP/1.1 more",
            "GET ping HTTP/1.1",
            "GET /pi ng HTTP/1.1",
            "GET /pi%ng HTTP/1.1",
            "GET /pi\u00e4ng HTTP/1.1",
            "GET /ping\001 HTTP/1.1",
            "G@T /ping HTTP/1.1",
            "G{T /ping HTTP/1.1",
            "/ping HTTP/1.1",
            "GET /ping HTTP/1.x",
            "GET http:///ping HTTP/1.1",
            "GET ?x HTTP/1.1");

    private final FuzzWords words;

    FuzzHeads(FuzzWords words) {
        this.words = words;
    }

    List<String> conversation() {
        var lines = new ArrayList<String>();
        for (int left = words.below(8); left >= 0; left--) {
            lines.add("http> " + request());
        }
        return lines;
    }

    private String request() {
        return switch (words.below(4)) {
            case 0 -> broken();
            case 1 -> call();
            default -> publish();
        };
    }

    /// A head that is wrong, or nearly.
    private String broken() {
        var end = "Connection: close\r\n\r\n";
        if (words.chance(50)) {
            return "raw " + quoted(words.any(LINES) + "\r\nHost: a\r\n" + end);
        }
        return "raw " + quoted("GET /ping HTTP/1.1\r\n" + words.any(BROKEN) + "\r\n" + end + "0\r\n\r\n");
    }

    /// No body, but whatever else.
    private String call() {
        var method = words.any(METHODS);
        var target = method.equals("OPTIONS") && words.chance(20) ? "*" : words.any(TARGETS);
        var head = method + " " + target + " HTTP/1.1\r\n" + (method.equals("HEAD") ? "Host: a\r\n" : host()) + more();
        return "raw " + quoted(head + "Connection: close\r\n\r\n");
    }

    /// A body, told in one way or another.
    private String publish() {
        var path = words.any("/pub", "/mpub", "/topic/create");
        var expectation = path.equals("/topic/create") ? "" : expectation();
        var head = "POST " + path + "?topic=" + words.fresh() + " HTTP/1.1\r\n" + host() + more() + expectation
                + "Connection: close\r\n";
        return switch (words.below(4)) {
            case 0 -> "raw " + quoted(head + length("hello") + "\r\nhello");
            case 1 -> "raw " + quoted(head + "\r\n");
            case 2 -> "raw " + quoted(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks());
            default -> "raw " + quoted(head + "Content-Length: 5\r\n\r\nhello");
        };
    }

    private String host() {
        return words.chance(85) ? "Host: a\r\n" : words.any("", "Host:\r\n", "Host: a:1\r\n", "host: [::1]:1\r\n");
    }

    private String more() {
        var headers = new StringBuilder();
        for (int left = words.below(3); left > 0; left--) {
            headers.append(words.any(HARMLESS)).append("\r\n");
        }
        return headers.toString();
    }

    private String expectation() {
        return words.chance(80) ? "" : "Expect: " + words.any("100-continue", "100-Continue", "nothing") + "\r\n";
    }

    private String length(String body) {
        int right = body.length();
        return "Content-Length: "
                + words.any(
                        String.valueOf(right),
                        String.valueOf(right),
                        "0",
                        String.valueOf(right - 2),
                        "-1",
                        "+5",
                        "x",
                        "",
                        "5 ",
                        "05",
                        "5\r\nContent-Length: 5",
                        "5\r\nContent-Length: 4",
                        "99999999999999999999")
                + "\r\n";
    }

    private String chunks() {
        return words.any(
                "5\r\nhello\r\n0\r\n\r\n",
                "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
                "5;a=b\r\nhello\r\n0\r\n\r\n",
                "005\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
                "A\r\nhellohello\r\n0\r\n\r\n",
                "0\r\n\r\n");
    }
}
