package io.waystation.wire;

/// What a peer did wrong, as it is told to the peer. Carries no stack: it describes the peer's bytes, not our code.
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    private final ProtocolError error;
    private final boolean silent;

    public ProtocolException(ProtocolError error, String text) {
        super(text, null, false, false);
        this.error = error;
        this.silent = false;
    }

    private ProtocolException(String text) {
        super(text, null, false, false);
        this.error = ProtocolError.E_INVALID;
        this.silent = true;
    }

    /// A violation after which NSQ closes the connection without telling the peer; the text is for the log.
    static ProtocolException silent(String text) {
        return new ProtocolException(text);
    }

    public ProtocolError error() {
        return error;
    }

    /// Whether the connection is closed without an error frame.
    public boolean isSilent() {
        return silent;
    }

    /// The error frame's payload: code, one blank, text; the code alone when there is no text.
    public String payload() {
        var text = String.valueOf(getMessage());
        return text.isEmpty() ? error.name() : error.name() + " " + text;
    }
}
