package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.int32;
import static io.waystation.e2e.FuzzWords.quoted;
import static io.waystation.e2e.FuzzWords.sized;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// HTTP requests of every path of nsqd's, with right and odd parameters, methods and spellings. Where nsqd moves
/// messages
/// from a topic to its channel by another thread, nobody asks where they are.
final class FuzzRequests {
    private static final List<String> ODD_QUERIES = List.of(
            "?",
            "?topic",
            "?topic=",
            "?topic=%zz",
            "?topic=a;b",
            "?topic=a*b",
            "?topic=%",
            "?Topic=a",
            "?&&topic=a+b",
            "?=",
            "?topic=%23ephemeral",
            "?topic=a&channel",
            "?topic=a&channel=",
            "?topic=a&channel=c*d",
            "?topic=unknown&channel=c",
            "?topic=unknown",
            "?channel=c");
    private static final List<String> OPTIONS = List.of(
            "nsqlookupd_tcp_addresses",
            "log_level",
            "max_msg_size",
            "msg_timeout",
            "snappy",
            "tls_required",
            "unknown",
            "",
            "MAX_MSG_SIZE",
            "max-msg-size",
            "log_level/x",
            "statsd_address");
    private static final List<String> VALUES = List.of(
            "", "info", "DEBUG", "Warn", "error", "fatal", "loud", " info", "info\n", "[]", "[\"\"", "{}", "1", "[1]");

    private final FuzzWords words;
    private String topic = "";
    private boolean published;
    private boolean channeled;
    /// nsqd counts what is deferred to the topic's depth while there is no channel, ours when it is due.
    private boolean deferred;

    FuzzRequests(FuzzWords words) {
        this.words = words;
    }

    List<String> conversation() {
        topic = words.fresh();
        published = false;
        channeled = false;
        deferred = false;
        var lines = new ArrayList<String>();
        if (words.chance(70)) {
            lines.add("http> POST /topic/create?topic=" + topic);
        }
        for (int left = words.below(10); left >= 0; left--) {
            lines.add("http> " + request());
        }
        return lines;
    }

    private String request() {
        return switch (words.below(9)) {
            case 0 -> publish();
            case 1 -> publishMany();
            case 2 -> target("POST", "/topic/" + words.any("create", "delete", "empty", "pause", "unpause"), query());
            case 3, 4 -> channel();
            case 5 -> target("GET", "/config/" + words.any(OPTIONS), "");
            case 6 -> target("PUT", "/config/" + words.any(OPTIONS), "") + " " + quoted(words.any(VALUES));
            case 7 -> stats();
            default ->
                target("GET", words.any("/ping", "/info", "/", "/unknown", "/topic", "/topic/create/x", "/pub/x"), "");
        };
    }

    private String query() {
        return words.chance(60) ? "?topic=" + topic : words.any(ODD_QUERIES);
    }

    private String publish() {
        if (channeled) {
            return target("POST", "/pub", words.any(ODD_QUERIES)) + " \"x\"";
        }
        published = true;
        var query = query();
        if (words.chance(40)) {
            query += "&defer=" + words.number();
            deferred = true;
        }
        var body = words.any(words.body(), "x".repeat(FuzzWords.MAX_MESSAGE + words.below(2)), "");
        return target("POST", "/pub", query) + " " + quoted(body);
    }

    private String publishMany() {
        if (channeled) {
            return target("POST", "/mpub", words.any(ODD_QUERIES)) + " \"x\"";
        }
        published = true;
        if (words.chance(50)) {
            var query = query() + words.any("", "", "&binary=false", "&binary=0");
            var body = words.any(
                    "a\nb\n",
                    "a",
                    "\n\n",
                    "",
                    "a\r\nb",
                    "x".repeat(100) + "\n",
                    "x".repeat(101),
                    "ab\n".repeat(333),
                    "ab\n".repeat(334));
            return target("POST", "/mpub", query) + " " + quoted(body);
        }
        return target("POST", "/mpub", query() + words.any("&binary=true", "&binary=1", "&binary=x", "&binary=")) + " "
                + quoted(batch());
    }

    private String batch() {
        var messages = sized(words.body()) + (words.chance(50) ? sized(words.body()) : int32(words.oddSize()) + "x");
        return int32(words.any(1, 2, 2, 2, 3, 0, -1, 199, 200)) + messages;
    }

    private String channel() {
        channeled = true;
        var verb = words.any("create", "create", "delete", "empty", "pause", "unpause");
        var query = words.chance(60)
                ? "?topic=" + topic + "&channel=" + words.any("c", "d", "c%23ephemeral")
                : words.any(ODD_QUERIES);
        return target("POST", "/channel/" + verb, query);
    }

    private String stats() {
        var query = "include_mem=" + words.any("false", "0")
                + words.any("", "&include_clients=" + words.any("false", "x", ""));
        boolean moving = deferred || (published && channeled);
        return "GET /stats?" + words.any("format=json&", "format=json&", "", "format=JSON&") + query + "&topic="
                + (moving ? "unknown" : topic) + words.any("", "&channel=c", "&channel=unknown");
    }

    /// A request line's beginning; now and then by another method or in another spelling.
    private String target(String method, String path, String query) {
        var spelled = path;
        // nsqd redirects /config// to /config/, which is no path either.
        if (!path.endsWith("/") && words.chance(8)) {
            spelled = words.any(
                    path + "/", "/" + path, path.toUpperCase(Locale.ROOT), path.replace("t", "%74"), path + "x");
        }
        var used = words.chance(8) ? words.any("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS") : method;
        return used + " " + spelled + query;
    }
}
