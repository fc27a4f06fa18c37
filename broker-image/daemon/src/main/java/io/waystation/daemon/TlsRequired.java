package io.waystation.daemon;

/// Who has to come over TLS; the numbers are those of `/config/tls_required`.
public enum TlsRequired {
    NO(0),
    /// Clients have to, HTTP may come without.
    TCP_HTTPS(1),
    YES(2);

    private final int number;

    TlsRequired(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public boolean forTcp() {
        return this != NO;
    }

    public boolean forHttp() {
        return this == YES;
    }
}
