package io.waystation.broker.net;

import io.waystation.broker.auth.AuthServers;
import io.waystation.daemon.ServerTls;
import io.waystation.daemon.TlsRequired;
import org.jspecify.annotations.Nullable;

/// What connections may or must have beside the plain protocol; settled at the start. Immutable.
///
/// @param tls null: there is no certificate, so no TLS
/// @param auth null: everybody may do everything
public record Features(
        @Nullable ServerTls tls,
        TlsRequired tlsRequired,
        boolean snappy,
        boolean deflate,
        @Nullable AuthServers auth,
        Topology topology) {}
