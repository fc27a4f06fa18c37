package io.waystation.broker;

import io.waystation.broker.auth.AuthServers;
import io.waystation.daemon.ClientTls;
import io.waystation.daemon.ServerTls;
import io.waystation.daemon.ServerTls.ClientCertificate;
import io.waystation.daemon.Settings;
import io.waystation.daemon.TlsRequired;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the options say about TLS and auth, made ready. What is not asked for is not loaded. Immutable.
///
/// @param tls null: there is no certificate
/// @param auth null: everybody may do everything
record Security(
        @Nullable ServerTls tls,
        TlsRequired required,
        @Nullable AuthServers auth) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Security.class);

    static Security of(Settings settings) throws IOException, UsageException {
        var required = required(settings);
        var certificate = settings.get(BrokerOptions.TLS_CERT);
        var key = settings.get(BrokerOptions.TLS_KEY);
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new UsageException(
                    1, "tls-cert: '" + certificate + "' with tls-key: '" + key + "' (expected: both files or neither)");
        }
        if (certificate.isEmpty()) {
            if (required != TlsRequired.NO) {
                throw new UsageException(
                        1,
                        "cannot require TLS client connections without TLS key and cert (expected: tls-cert, tls-key)");
            }
            return new Security(null, TlsRequired.NO, auth(settings));
        }
        var minVersion = settings.get(BrokerOptions.TLS_MIN_VERSION);
        if (!minVersion.isServed() && settings.isGiven(BrokerOptions.TLS_MIN_VERSION)) {
            LOG.atWarn()
                    .addKeyValue("tlsMinVersion", settings.text(BrokerOptions.TLS_MIN_VERSION))
                    .log("TLS 1.0 and 1.1 are not served; the least version is tls1.2");
        }
        var auth = auth(settings);
        return new Security(new ServerTls(sources(settings), clients(settings), minVersion), required, auth);
    }

    private static @Nullable AuthServers auth(Settings settings) throws IOException, UsageException {
        var addresses = settings.get(BrokerOptions.AUTH_HTTP_ADDRESS);
        if (addresses.isEmpty()) {
            return null;
        }
        var rootCa = settings.get(BrokerOptions.TLS_ROOT_CA_FILE);
        var trust =
                rootCa.isEmpty() ? null : ClientTls.trusting(BrokerOptions.TLS_ROOT_CA_FILE.name(), Path.of(rootCa));
        try {
            return new AuthServers(
                    addresses,
                    settings.get(BrokerOptions.AUTH_HTTP_REQUEST_METHOD).equals("post"),
                    new AuthServers.Timeouts(
                            settings.get(BrokerOptions.HTTP_CLIENT_CONNECT_TIMEOUT),
                            settings.get(BrokerOptions.HTTP_CLIENT_REQUEST_TIMEOUT)),
                    trust,
                    count -> ThreadLocalRandom.current().nextInt(count));
        } catch (IllegalArgumentException malformed) {
            throw new UsageException(
                    1,
                    "auth-http-address: '" + String.join(",", addresses) + "': " + malformed.getMessage()
                            + " (expected: host:port or a URL)");
        }
    }

    /// A policy for client certificates asks for TLS, or it could be evaded.
    private static TlsRequired required(Settings settings) {
        var given = settings.get(BrokerOptions.TLS_REQUIRED);
        boolean implied = given == TlsRequired.NO
                && !settings.get(BrokerOptions.TLS_CLIENT_AUTH_POLICY).isEmpty();
        return implied ? TlsRequired.YES : given;
    }

    private static ClientCertificate clients(Settings settings) {
        return switch (settings.get(BrokerOptions.TLS_CLIENT_AUTH_POLICY)) {
            case "require" -> ClientCertificate.ANY;
            case "require-verify" -> ClientCertificate.VERIFIED;
            default -> ClientCertificate.NONE;
        };
    }

    private static ServerTls.Sources sources(Settings settings) {
        var rootCa = settings.get(BrokerOptions.TLS_ROOT_CA_FILE);
        return new ServerTls.Sources(
                Path.of(settings.get(BrokerOptions.TLS_CERT)),
                Path.of(settings.get(BrokerOptions.TLS_KEY)),
                rootCa.isEmpty() ? null : Path.of(rootCa));
    }

    @Override
    public void close() {
        if (tls != null) {
            tls.close();
        }
        if (auth != null) {
            auth.close();
        }
    }
}
