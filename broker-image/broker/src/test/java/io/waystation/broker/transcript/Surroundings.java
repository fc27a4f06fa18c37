package io.waystation.broker.transcript;

import io.waystation.broker.AuthServer;
import io.waystation.broker.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What the broker of a transcript has around it, as far as its flags ask for it: `{auth}` for the address of an auth
/// server, `{tls}` for the flags of a certificate.
final class Surroundings implements AutoCloseable {
    private static final String AUTH = "{auth}";
    private static final String TLS = "{tls}";
    private static final String NOTHING_GRANTED = "{\"ttl\":3600,\"authorizations\":[]}";

    private final List<String> flags = new ArrayList<>();
    private @Nullable AuthServer auth;
    private @Nullable SSLContext tls;

    /// @param files where certificates may be written
    Surroundings(String flags, Path files) throws IOException {
        for (var flag : flags.split(" ", -1)) {
            if (flag.equals(TLS)) {
                this.flags.addAll(certificate(files));
            } else if (flag.contains(AUTH)) {
                auth = new AuthServer(NOTHING_GRANTED);
                this.flags.add(flag.replace(AUTH, auth.address()));
            } else {
                this.flags.add(flag);
            }
        }
    }

    private List<String> certificate(Path files) throws IOException {
        try {
            var authority = new TestCertificates("Authority");
            tls = authority.clientContext(null);
            var own = authority.issue("broker", TestCertificates.ecKey());
            return List.of(
                    "--tls-cert=" + TestCertificates.pem(files.resolve("server.crt"), own.certificate()),
                    "--tls-key="
                            + TestCertificates.pem8(
                                    files.resolve("server.key"), own.key().getPrivate()),
                    "--https-address=127.0.0.1:0");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    String[] flags() {
        return flags.toArray(String[]::new);
    }

    AuthServer auth() {
        if (auth == null) {
            throw new IllegalStateException("no auth server (expected: " + AUTH + " among the flags)");
        }
        return auth;
    }

    /// What a client uses that trusts the broker's certificate.
    SSLContext tls() {
        if (tls == null) {
            throw new IllegalStateException("no certificate (expected: " + TLS + " among the flags)");
        }
        return tls;
    }

    @Override
    public void close() {
        if (auth != null) {
            auth.close();
        }
    }
}
