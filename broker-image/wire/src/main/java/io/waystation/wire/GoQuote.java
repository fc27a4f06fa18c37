package io.waystation.wire;

import java.nio.charset.StandardCharsets;

/// Text in double quotes as Go's `%q` writes it, which is how NSQ quotes names in its errors.
///
/// Names arrive as bytes and are handled as ISO-8859-1 strings, one character a byte, so nothing is lost before here;
/// the quoted text is such a string, too.
final class GoQuote {
    private GoQuote() {}

    static String quote(String latin1) {
        var text = new StringBuilder(latin1.length() + 2).append('"');
        var bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        int i = 0;
        while (i < bytes.length) {
            int length = Utf8.sequenceLength(bytes, i);
            if (length > 1) {
                int codePoint = new String(bytes, i, length, StandardCharsets.UTF_8).codePointAt(0);
                appendCodePoint(text, codePoint, latin1.substring(i, i + length));
            } else {
                appendByte(text, bytes[i] & 0xff);
            }
            i += Math.max(length, 1);
        }
        return text.append('"').toString();
    }

    private static void appendCodePoint(StringBuilder text, int codePoint, String latin1) {
        if (isPrintable(codePoint)) {
            text.append(latin1);
        } else {
            text.append(String.format(Character.isBmpCodePoint(codePoint) ? "\\u%04x" : "\\U%08x", codePoint));
        }
    }

    /// What Go's `unicode.IsPrint` lets through: letters, marks, numbers, punctuation, symbols.
    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static void appendByte(StringBuilder text, int value) {
        switch (value) {
            case '"' -> text.append("\\\"");
            case '\\' -> text.append("\\\\");
            case 7 -> text.append("\\a");
            case '\b' -> text.append("\\b");
            case '\f' -> text.append("\\f");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            case 11 -> text.append("\\v");
            default -> {
                if (value < 0x20 || value >= 0x7f) {
                    text.append(String.format("\\x%02x", value));
                } else {
                    text.append((char) value);
                }
            }
        }
    }
}
