package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DelimitedInputTest {
    private static List<String> pieces(InputStream stream, char delimiter) throws IOException {
        var input = new DelimitedInput(stream, (byte) delimiter);
        var pieces = new ArrayList<String>();
        for (var piece = input.next(); piece != null; piece = input.next()) {
            pieces.add(new String(piece, StandardCharsets.UTF_8));
        }
        return pieces;
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theLastPieceNeedsNoDelimiter() throws Exception {
        assertThat(pieces(stream("one\ntwo"), '\n')).containsExactly("one", "two");
    }

    @Test
    void emptyPiecesAreLeftOut() throws Exception {
        assertThat(pieces(stream("\n\none\n\n\ntwo\n\n"), '\n')).containsExactly("one", "two");
    }

    @Test
    void anyByteDelimits() throws Exception {
        assertThat(pieces(stream("one,two\n,three"), ',')).containsExactly("one", "two\n", "three");
    }

    @Test
    void noInputHasNoPieces() throws Exception {
        assertThat(pieces(stream(""), '\n')).isEmpty();
    }

    @Test
    void aPieceMayBeLongerThanTheBuffer() throws Exception {
        var large = "x".repeat(200_000);

        assertThat(pieces(stream("one\n" + large + "\ntwo"), '\n')).containsExactly("one", large, "two");
    }

    @Test
    void piecesDoNotDependOnHowTheBytesArrive() throws Exception {
        var byteByByte = new ByteArrayInputStream("one\n\ntwo\nthree".getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };

        assertThat(pieces(byteByByte, '\n')).containsExactly("one", "two", "three");
    }
}
