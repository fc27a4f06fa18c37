package io.waystation.wire;

/// Every error code of the protocol, and whether the connection survives it. Clients hard-code this split.
public enum ProtocolError {
    E_BAD_PROTOCOL(true),
    E_INVALID(true),
    E_BAD_BODY(true),
    E_BAD_TOPIC(true),
    E_BAD_CHANNEL(true),
    E_BAD_MESSAGE(true),
    E_PUB_FAILED(true),
    E_MPUB_FAILED(true),
    E_DPUB_FAILED(true),
    E_SUB_FAILED(true),
    E_IDENTIFY_FAILED(true),
    E_AUTH_FIRST(true),
    E_AUTH_DISABLED(true),
    E_AUTH_FAILED(true),
    E_AUTH_ERROR(true),
    E_UNAUTHORIZED(true),
    E_FIN_FAILED(false),
    E_REQ_FAILED(false),
    E_TOUCH_FAILED(false);

    private final boolean fatal;

    ProtocolError(boolean fatal) {
        this.fatal = fatal;
    }

    /// Whether the server closes the connection after sending it.
    public boolean isFatal() {
        return fatal;
    }
}
