package io.waystation.daemon;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a request's head says beside its method, path and parameters, judged as Go's server does. Immutable.
///
/// @param refusal what is answered without a look at the path; null: nothing is wrong
/// @param waits the client sends its body when it is told to go on, and not before
/// @param bodyBytes the length of the body; -1: not known
record HttpHead(@Nullable HttpReply refusal, boolean waits, long bodyBytes) {
    private static final String CONTINUE = "100-continue";
    private static final Pattern HOST = Pattern.compile("[-A-Za-z0-9!$%&'()*+,.:;=\\[\\]_~]*");

    static HttpHead of(HttpRequest head) {
        var expected = head.headers().get("Expect", "");
        boolean waits = expected.toLowerCase(Locale.ROOT).equals(CONTINUE);
        long length = HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L);
        return new HttpHead(refusal(head, expected.isEmpty() || waits), waits && length != 0, length);
    }

    private static @Nullable HttpReply refusal(HttpRequest head, boolean known) {
        var version = head.protocolVersion();
        if (version.majorVersion() != 1) {
            return HttpReply.plain(505, "505 HTTP Version Not Supported: unsupported protocol version");
        }
        var encodings = head.headers().getAll("Transfer-Encoding");
        if (!encodings.isEmpty() && version.isKeepAliveDefault() && !isChunked(encodings)) {
            return HttpReply.plain(501, "Unsupported transfer encoding");
        }
        if (!isTarget(head.uri())) {
            return badRequest("");
        }
        var hosts = head.headers().getAll("Host");
        if (hosts.isEmpty() && version.isKeepAliveDefault()) {
            return badRequest(": missing required Host header");
        }
        if (hosts.size() > 1) {
            return badRequest("");
        }
        if (hosts.size() == 1 && !HOST.matcher(hosts.getFirst()).matches()) {
            return badRequest(": malformed Host header");
        }
        return known ? null : HttpReply.unmarked(417);
    }

    private static boolean isChunked(List<String> encodings) {
        return encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked");
    }

    private static boolean isTarget(String uri) {
        boolean begins = uri.startsWith("/") || uri.equals(HttpTarget.WHOLE_SERVER) || uri.contains("://");
        return begins && uri.chars().noneMatch(Character::isISOControl);
    }

    private static HttpReply badRequest(String why) {
        return HttpReply.plain(400, "400 Bad Request" + why);
    }
}
