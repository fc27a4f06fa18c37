package io.waystation.daemon;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A daemon's side of TLS: its certificate, which clients it takes, and a handler for each connection.
///
/// Safe from any thread: the context is immutable and replaced as a whole when the files have changed, which is looked
/// for twice a minute; connections that stand keep the old one. The arithmetic of handshakes runs on two threads of its
/// own, so that a wave of them, or one that is never finished, keeps no event loop from its work.
public final class ServerTls implements AutoCloseable {
    private static final long RELOAD_INTERVAL_S = 30;
    private static final int HANDSHAKE_THREADS = 2;
    private static final byte[] CHALLENGE = {1, 2, 3, 4};
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

    /// Which certificate a client has to show.
    public enum ClientCertificate {
        NONE,
        /// One, whoever made it.
        ANY,
        /// One that an authority of the root file made, or, without a root file, one that Java trusts.
        VERIFIED
    }

    /// The files, PEM all of them.
    ///
    /// @param rootCa the authorities that clients' certificates may be from
    public record Sources(
            Path certificate, Path key, @Nullable Path rootCa) {
        private byte[] bytes() throws IOException {
            var all = new ByteArrayOutputStream();
            all.writeBytes(Files.readAllBytes(certificate));
            all.writeBytes(Files.readAllBytes(key));
            if (rootCa != null) {
                all.writeBytes(Files.readAllBytes(rootCa));
            }
            return all.toByteArray();
        }
    }

    private final Sources files;
    private final ClientCertificate clients;
    private final TlsVersion minVersion;
    private final ScheduledExecutorService threads;
    private volatile SslContext context;
    /// What the context was made of.
    private volatile byte[] loaded;

    /// Reads the files; an unusable one is refused with what is wrong with it.
    public ServerTls(Sources files, ClientCertificate clients, TlsVersion minVersion) throws IOException {
        this.files = files;
        this.clients = clients;
        this.minVersion = minVersion;
        this.context = load();
        this.loaded = files.bytes();
        this.threads = Executors.newScheduledThreadPool(
                HANDSHAKE_THREADS,
                Thread.ofPlatform().name("tls-", 0).daemon(true).factory());
        var _ = threads.scheduleWithFixedDelay(this::reload, RELOAD_INTERVAL_S, RELOAD_INTERVAL_S, TimeUnit.SECONDS);
    }

    private SslContext load() throws IOException {
        var chain = new PemFile("tls-cert", files.certificate).certificates();
        var publicKey = chain.getFirst().getPublicKey();
        var key = new PemFile("tls-key", files.key).keyOf(publicKey);
        requirePair(key, publicKey);
        var builder = SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
                .sslProvider(SslProvider.JDK)
                .protocols(minVersion.protocols());
        var rootCa = files.rootCa;
        switch (clients) {
            case NONE -> builder.clientAuth(ClientAuth.NONE);
            case ANY -> builder.clientAuth(ClientAuth.REQUIRE).trustManager(new AnyCertificate());
            case VERIFIED -> {
                builder.clientAuth(ClientAuth.REQUIRE);
                if (rootCa != null) {
                    builder.trustManager(new PemFile("tls-root-ca-file", rootCa).certificates());
                }
            }
        }
        return builder.build();
    }

    private void requirePair(PrivateKey key, PublicKey publicKey) throws IOException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        boolean pair;
        try {
            var signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(CHALLENGE);
            var signature = signer.sign();
            signer.initVerify(publicKey);
            signer.update(CHALLENGE);
            pair = signer.verify(signature);
        } catch (GeneralSecurityException mismatch) {
            throw new IOException("tls-key: " + files.key + ": " + mismatch.getMessage(), mismatch);
        }
        if (!pair) {
            throw new IOException("tls-key: " + files.key + " does not belong to the certificate in "
                    + files.certificate + " (expected: the key that it was made with)");
        }
    }

    /// Takes over files that have changed; files that cannot be used leave everything as it is.
    public void reload() {
        try {
            var present = files.bytes();
            if (Arrays.equals(present, loaded)) {
                return;
            }
            loaded = present;
            context = load();
            LOG.atInfo().addKeyValue("certificate", files.certificate).log("certificate read anew");
        } catch (IOException | RuntimeException unusable) {
            LOG.atError()
                    .addKeyValue("cause", unusable.getMessage())
                    .log("changed certificate files cannot be used; the old ones stay in use");
        }
    }

    /// The layer of one connection, which begins the handshake when it is put into the connection's pipeline.
    public TlsLayer layer(ByteBufAllocator allocator) {
        return new TlsLayer(context.newEngine(allocator), threads);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /// Takes a client's certificate as it is: what it says is shown and told to auth servers, nothing rests on it.
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            // any
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            // any
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            // any
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            throw new UnsupportedOperationException("for servers only");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            throw new UnsupportedOperationException("for servers only");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException("for servers only");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
