package io.waystation.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Tells valid UTF-8 sequences from stray bytes.
final class Utf8 {
    private Utf8() {}

    /// The length of the valid sequence that starts at `index`: 1 to 4, or 0 when none does.
    static int sequenceLength(byte[] bytes, int index) {
        int first = bytes[index] & 0xff;
        int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length <= 1 || index + length > bytes.length) {
            return length <= 1 ? length : 0;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, index, length));
            return length;
        } catch (CharacterCodingException strayBytes) {
            return 0;
        }
    }
}
