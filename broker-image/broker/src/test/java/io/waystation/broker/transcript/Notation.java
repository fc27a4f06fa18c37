package io.waystation.broker.transcript;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Bytes as a person reads and writes them: `"text"` with Java's escapes and `\xNN`, `"x"*20` for twenty of them, `[5]`
/// for an int32, `#"text"` for a text behind its length; blanks between.
public final class Notation {
    private static final String ESCAPED = "nrt0\"\\";
    private static final String MEANT = "\n\r\t\0\"\\";

    private final String text;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int at;

    private Notation(String text) {
        this.text = text;
    }

    static byte[] parse(String text) {
        var notation = new Notation(text);
        while (notation.at < text.length()) {
            notation.token();
        }
        return notation.bytes.toByteArray();
    }

    private void token() {
        switch (text.charAt(at)) {
            case ' ' -> at++;
            case '"' -> bytes.writeBytes(string());
            case '#' -> sized();
            case '[' -> number();
            default ->
                throw new IllegalArgumentException(
                        "'" + text.substring(at) + "' (expected: \"text\", #\"text\", [number] or a blank)");
        }
    }

    private void number() {
        int end = text.indexOf(']', at);
        number(Integer.parseInt(text.substring(at + 1, end)));
        at = end + 1;
    }

    private void number(int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    private void sized() {
        at++;
        var string = string();
        number(string.length);
        bytes.writeBytes(string);
    }

    private byte[] string() {
        var string = new StringBuilder();
        at++;
        while (text.charAt(at) != '"') {
            string.append(text.charAt(at) == '\\' ? escape() : text.charAt(at));
            at++;
        }
        at++;
        return string.toString().repeat(times()).getBytes(StandardCharsets.ISO_8859_1);
    }

    private char escape() {
        at++;
        char code = text.charAt(at);
        if (code == 'x') {
            at += 2;
            return (char) Integer.parseInt(text.substring(at - 1, at + 1), 16);
        }
        return MEANT.charAt(ESCAPED.indexOf(code));
    }

    private int times() {
        if (at == text.length() || text.charAt(at) != '*') {
            return 1;
        }
        int end = text.indexOf(' ', at) < 0 ? text.length() : text.indexOf(' ', at);
        int times = Integer.parseInt(text.substring(at + 1, end));
        at = end;
        return times;
    }

    /// One string in quotes.
    public static String write(byte[] bytes) {
        var written = new StringBuilder("\"");
        for (byte next : bytes) {
            int code = MEANT.indexOf(next);
            if (code >= 0) {
                written.append('\\').append(ESCAPED.charAt(code));
            } else if (next < 0x20 || next == 0x7f) {
                written.append(String.format("\\x%02x", next & 0xff));
            } else {
                written.append((char) next);
            }
        }
        return written.append('"').toString();
    }
}
