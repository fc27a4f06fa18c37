package io.waystation.daemon;

import java.util.List;

/// A version of TLS as `--tls-min-version` names it; the numbers are the protocol's own, which
/// `/config/tls_min_version` gives.
public enum TlsVersion {
    TLS1_0(0x0301),
    TLS1_1(0x0302),
    TLS1_2(0x0303),
    TLS1_3(0x0304);

    private final int number;

    TlsVersion(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// Whether connections of this version are taken at all: 1.0 and 1.1 are broken, and Java refuses them.
    public boolean isServed() {
        return this == TLS1_2 || this == TLS1_3;
    }

    /// The versions from this one on that are served, in Java's names.
    List<String> protocols() {
        return this == TLS1_3 ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2");
    }
}
