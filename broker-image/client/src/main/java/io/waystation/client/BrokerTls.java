package io.waystation.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// TLS towards a broker as the options ask for it. The files are read anew for each connection, so that a
/// certificate can be renewed while the process lives. Immutable.
final class BrokerTls {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    private final ClientOptions options;

    BrokerTls(ClientOptions options) {
        this.options = options;
    }

    /// Does the handshake over a connected socket; blocks for it. Whoever closes the one socket closes both.
    SSLSocket over(Socket plain, BrokerAddress address) throws IOException {
        SSLSocket socket;
        try {
            socket = (SSLSocket) context().getSocketFactory().createSocket(plain, address.host(), address.port(), true);
        } catch (GeneralSecurityException unusable) {
            throw new IOException("TLS: " + unusable.getMessage(), unusable);
        }
        var parameters = socket.getSSLParameters();
        parameters.setProtocols(options.tlsProtocols().toArray(String[]::new));
        if (!options.tlsInsecureSkipVerify()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException failure) {
            throw new IOException("TLS handshake: " + failure.getMessage(), failure);
        }
        return socket;
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(keys(), trust(), null);
        return context;
    }

    /// Null: no certificate is shown.
    private KeyManager @Nullable [] keys() throws IOException, GeneralSecurityException {
        var certificate = options.tlsCert();
        var key = options.tlsKey();
        if (certificate.isEmpty() || key.isEmpty()) {
            return null;
        }
        var chain = certificates("tls_cert", certificate.get());
        var store = emptyStore();
        store.setKeyEntry(
                "client",
                key(key.get(), chain.getFirst().getPublicKey().getAlgorithm()),
                NO_PASSWORD,
                chain.toArray(Certificate[]::new));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    /// Null: Java's own authorities.
    private TrustManager @Nullable [] trust() throws IOException, GeneralSecurityException {
        if (options.tlsInsecureSkipVerify()) {
            return new TrustManager[] {new Trusting()};
        }
        var root = options.tlsRootCaFile();
        if (root.isEmpty()) {
            return null;
        }
        var store = emptyStore();
        for (var authority : certificates("tls_root_ca_file", root.get())) {
            store.setCertificateEntry("authority-" + store.size(), authority);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<? extends Certificate> certificates(String option, Path file) throws IOException {
        try (InputStream input = Files.newInputStream(file)) {
            var found = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(input));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new IOException(
                    option + ": " + file + ": " + unreadable + " (expected: PEM certificates)", unreadable);
        }
        throw new IOException(option + ": " + file + " holds no certificate (expected: PEM certificates)");
    }

    private static PrivateKey key(Path file, String algorithm) throws IOException {
        var expected = " (expected: a PEM block PRIVATE KEY to the certificate; openssl pkcs8 -topk8 -nodes makes one)";
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            throw new IOException("tls_key: " + file + ": " + unreadable + expected, unreadable);
        }
        var block = KEY.matcher(text);
        if (!block.find()) {
            throw new IOException("tls_key: " + file + " holds no such key" + expected);
        }
        try {
            var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(1)));
            return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (IllegalArgumentException | GeneralSecurityException unusable) {
            throw new IOException("tls_key: " + file + ": " + unusable.getMessage() + expected, unusable);
        }
    }

    /// Believes everybody: `tls_insecure_skip_verify`.
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
