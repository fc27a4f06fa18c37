package io.waystation.wire;

import java.nio.charset.StandardCharsets;

/// What a peer did wrong, as it is told to the peer. Carries no stack: it describes the peer's bytes, not our code.
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    private enum Kind {
        TEXT,
        BYTES,
        SILENT
    }

    private final ProtocolError error;
    private final Kind kind;

    public ProtocolException(ProtocolError error, String text) {
        this(error, text, Kind.TEXT);
    }

    private ProtocolException(ProtocolError error, String text, Kind kind) {
        super(text, null, false, false);
        this.error = error;
        this.kind = kind;
    }

    /// An error that repeats what the peer sent, one character a byte, so that it leaves as it came, UTF-8 or not.
    public static ProtocolException quoting(ProtocolError error, String latin1) {
        return new ProtocolException(error, latin1, Kind.BYTES);
    }

    /// A violation after which NSQ closes the connection without telling the peer; the text is for the log.
    static ProtocolException silent(String text) {
        return new ProtocolException(ProtocolError.E_INVALID, text, Kind.SILENT);
    }

    public ProtocolError error() {
        return error;
    }

    /// Whether the connection is closed without an error frame.
    public boolean isSilent() {
        return kind == Kind.SILENT;
    }

    /// The error frame's payload: code, one blank, text; the code alone when there is no text.
    public byte[] payload() {
        var text = String.valueOf(getMessage());
        var payload = text.isEmpty() ? error.name() : error.name() + " " + text;
        return payload.getBytes(kind == Kind.BYTES ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }
}
