package io.waystation.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A daemon's side of TLS where it is the client.
public final class ClientTls {
    private ClientTls() {}

    /// A context that believes the authorities of a PEM file, and no others.
    ///
    /// @param option the option that names the file, for errors
    public static SSLContext trusting(String option, Path rootCa) throws IOException {
        var authorities = new PemFile(option, rootCa).certificates();
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IOException(option + ": " + rootCa + ": " + unusable.getMessage(), unusable);
        }
    }
}
