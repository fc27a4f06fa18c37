package io.waystation.broker.net;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// How Go writes the characters of JSON's strings: what HTML or JavaScript could take for their own is escaped too, and
/// digits are lower-case. Immutable.
final class GoEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1;
    private static final String SHORT = "\"\\\b\f\n\r\t";
    private static final String HTML = "<>&";
    private static final char FIRST_UNESCAPED = 0x20;
    /// Line ends of JavaScript that JSON does not know.
    private static final String LINE_ENDS = "\u2028\u2029";

    private final int[] codes;

    GoEscapes() {
        codes = standardAsciiEscapesForJSON();
        for (char next = 0; next < codes.length; next++) {
            boolean special = next < FIRST_UNESCAPED || HTML.indexOf(next) >= 0;
            if (special && SHORT.indexOf(next) < 0) {
                codes[next] = ESCAPE_CUSTOM;
            }
        }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
        boolean custom = character < codes.length || LINE_ENDS.indexOf(character) >= 0;
        return custom ? new SerializedString("\\u" + HexFormat.of().toHexDigits((char) character)) : null;
    }
}
