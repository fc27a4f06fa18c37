package io.waystation.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for 127.0.0.1, made for a test with Java's keytool; its own authority.
final class ServerCertificate {
    private static final String PASSWORD = "changeit";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Path certificate;
    private final Path key;
    private final KeyStore store;

    ServerCertificate(Path directory) throws IOException, GeneralSecurityException {
        var file = directory.resolve("server.p12");
        Command.run(
                directory,
                LIMIT,
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-ext",
                "bc=ca:true",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD);
        store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(file)) {
            store.load(input, PASSWORD.toCharArray());
        }
        certificate = pem(
                directory.resolve("server.crt"),
                "CERTIFICATE",
                store.getCertificate("server").getEncoded());
        key = pem(
                directory.resolve("server.key"),
                "PRIVATE KEY",
                store.getKey("server", PASSWORD.toCharArray()).getEncoded());
    }

    private static Path pem(Path file, String type, byte[] bytes) throws IOException {
        return Files.writeString(
                file,
                "-----BEGIN " + type + "-----\n"
                        + Base64.getMimeEncoder().encodeToString(bytes)
                        + "\n-----END " + type + "-----\n");
    }

    /// The PEM file of the certificate, which is also the one to trust.
    Path certificate() {
        return certificate;
    }

    Path key() {
        return key;
    }

    /// Sockets of a client that trusts it.
    SSLSocketFactory clientSockets() throws GeneralSecurityException {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
