package io.waystation.broker.transcript;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What came on an HTTP connection, answer by answer: a line of status and the headers that NSQ's clients look at, and
/// a line of the body.
final class HttpAnswers {
    private static final List<String> HEADERS = List.of("allow", "content-type", "location", "x-nsq-content-type");
    private static final String HEAD_END = "\r\n\r\n";

    private final byte[] bytes;
    private final String text;
    private int at;

    private HttpAnswers(byte[] bytes) {
        this.bytes = bytes;
        this.text = new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static List<String> parse(byte[] bytes) {
        var answers = new HttpAnswers(bytes);
        var lines = new ArrayList<String>();
        do {
            answers.next(lines);
        } while (answers.at < bytes.length);
        return lines;
    }

    private void next(List<String> answers) {
        int headEnd = text.indexOf(HEAD_END, at);
        if (headEnd < 0) {
            throw new AssertionError("not an HTTP answer: " + text.substring(at));
        }
        var lines = text.substring(at, headEnd).split("\r\n", -1);
        var headers = new TreeMap<String, String>();
        for (var header : Arrays.copyOfRange(lines, 1, lines.length)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        at = headEnd + HEAD_END.length();
        var status = lines[0].substring("HTTP/1.1 ".length());
        var body = status.startsWith("1") ? new byte[0] : body(headers);
        headers.keySet().retainAll(HEADERS);
        answers.add(status + " " + headers);
        answers.add(Notation.write(body));
    }

    private byte[] body(Map<String, String> headers) {
        if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            return chunks();
        }
        var length = headers.get("content-length");
        return take(length == null ? bytes.length - at : Integer.parseInt(length));
    }

    private byte[] chunks() {
        var body = new ByteArrayOutputStream();
        int length;
        do {
            int lineEnd = text.indexOf("\r\n", at);
            length = Integer.parseInt(text.substring(at, lineEnd), 16);
            at = lineEnd + 2;
            body.writeBytes(take(length));
            at += 2;
        } while (length > 0);
        return body.toByteArray();
    }

    /// HEAD is answered with the length of a body that does not come.
    private byte[] take(int length) {
        int end = Math.min(at + length, bytes.length);
        var taken = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return taken;
    }
}
