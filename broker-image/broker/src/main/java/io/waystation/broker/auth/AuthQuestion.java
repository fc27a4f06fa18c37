package io.waystation.broker.auth;

import java.nio.charset.StandardCharsets;

/// What an auth server is told of a client. Immutable.
///
/// @param remoteIp empty on a unix socket
/// @param commonName of the client's certificate; empty when it showed none
/// @param secret what the client sent with AUTH, one character a byte
public record AuthQuestion(String remoteIp, boolean tls, String commonName, String secret) {
    public AuthQuestion(String remoteIp, boolean tls, String commonName, byte[] secret) {
        this(remoteIp, tls, commonName, new String(secret, StandardCharsets.ISO_8859_1));
    }

    @Override
    public String toString() {
        return "AuthQuestion[remoteIp=" + remoteIp + ", tls=" + tls + ", commonName=" + commonName + "]";
    }
}
