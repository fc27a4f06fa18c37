package io.waystation.log;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The headers of a record, in order; names may repeat. Immutable, as long as nobody changes a value.
public final class RecordHeaders {
    public static final RecordHeaders NONE = new RecordHeaders(List.of());

    /// One header; a null value is not the same as an empty one.
    public static final class Header {
        private final String name;
        private final byte @Nullable [] value;

        Header(String name, byte @Nullable [] value) {
            this.name = name;
            this.value = value;
        }

        public String name() {
            return name;
        }

        /// Not to be changed.
        public byte @Nullable [] value() {
            return value;
        }

        /// The value as UTF-8 text; empty for null.
        public String text() {
            return value == null ? "" : new String(value, StandardCharsets.UTF_8);
        }
    }

    private final List<Header> headers;
    private final byte[] encoded;

    private RecordHeaders(List<Header> headers) {
        this.headers = headers;
        this.encoded = encode(headers);
    }

    public List<Header> all() {
        return headers;
    }

    public boolean isEmpty() {
        return headers.isEmpty();
    }

    /// The last header of the name, which is the one that counts; null when there is none.
    public @Nullable Header last(String name) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            if (headers.get(i).name.equals(name)) {
                return headers.get(i);
            }
        }
        return null;
    }

    public RecordHeaders with(String name, byte[] value) {
        var more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new RecordHeaders(List.copyOf(more));
    }

    public RecordHeaders with(String name, String value) {
        return with(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /// Without those whose name begins so.
    public RecordHeaders withoutPrefix(String prefix) {
        return new RecordHeaders(headers.stream()
                .filter(header -> !header.name.startsWith(prefix))
                .toList());
    }

    /// As they stand in a record, their count before them.
    byte[] encoded() {
        return encoded;
    }

    private static byte[] encode(List<Header> headers) {
        var bytes = new ByteArrayOutputStream();
        number(bytes, headers.size());
        for (var header : headers) {
            var name = header.name.getBytes(StandardCharsets.UTF_8);
            number(bytes, name.length);
            bytes.writeBytes(name);
            if (header.value == null) {
                number(bytes, RecordBatch.NONE);
            } else {
                number(bytes, header.value.length);
                bytes.writeBytes(header.value);
            }
        }
        return bytes.toByteArray();
    }

    private static void number(ByteArrayOutputStream target, int value) {
        var bytes = ByteBuffer.allocate(Varint.size(value));
        Varint.put(bytes, 0, value);
        target.writeBytes(bytes.array());
    }

    static RecordHeaders decode(ByteBuffer source, int position) {
        int at = position;
        long count = Varint.get(source, at);
        if (count == 0) {
            return NONE;
        }
        at += Varint.size(count);
        var headers = new ArrayList<Header>();
        for (long left = count; left > 0; left--) {
            int nameLength = (int) Varint.get(source, at);
            at += Varint.size(nameLength);
            var name = new String(bytes(source, at, nameLength), StandardCharsets.UTF_8);
            at += nameLength;
            int valueLength = (int) Varint.get(source, at);
            at += Varint.size(valueLength);
            headers.add(new Header(name, valueLength < 0 ? null : bytes(source, at, valueLength)));
            at += Math.max(valueLength, 0);
        }
        return new RecordHeaders(List.copyOf(headers));
    }

    private static byte[] bytes(ByteBuffer source, int position, int length) {
        var bytes = new byte[length];
        source.get(position, bytes);
        return bytes;
    }
}
