package io.waystation.broker.net;

import io.waystation.broker.topic.TlsStats;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// What a finished handshake settled. Immutable.
record TlsSession(TlsStats stats, String commonName) {
    /// The suites that nsqd knows by name; others it shows as their number.
    private static final Set<String> NAMED = Set.of(
            "TLS_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");

    /// The registered numbers of the other suites that are served.
    private static final Map<String, Integer> NUMBERS = Map.of(
            "TLS_AES_128_GCM_SHA256", 0x1301,
            "TLS_AES_256_GCM_SHA384", 0x1302,
            "TLS_CHACHA20_POLY1305_SHA256", 0x1303,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c,
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030,
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8,
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9,
            "TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c,
            "TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d);

    static TlsSession of(SSLEngine engine) {
        var session = engine.getSession();
        var protocol = engine.getApplicationProtocol();
        var stats = new TlsStats(
                suite(session.getCipherSuite()),
                session.getProtocol().replace("TLSv", "TLS"),
                protocol == null ? "" : protocol);
        return new TlsSession(stats, commonName(session));
    }

    private static String suite(String name) {
        if (NAMED.contains(name)) {
            return name;
        }
        var number = NUMBERS.get(name);
        return number == null ? name : "Unknown " + number;
    }

    /// The CN of the client's certificate; empty when it showed none or it has none.
    private static String commonName(SSLSession session) {
        var certificate = certificate(session);
        if (certificate == null) {
            return "";
        }
        try {
            var name = new LdapName(certificate.getSubjectX500Principal().getName());
            for (var part : name.getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return String.valueOf(part.getValue());
                }
            }
        } catch (InvalidNameException unreadable) {
            return "";
        }
        return "";
    }

    private static @Nullable X509Certificate certificate(SSLSession session) {
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate x509 ? x509 : null;
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }
}
