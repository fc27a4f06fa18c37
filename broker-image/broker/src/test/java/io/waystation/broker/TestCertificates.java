package io.waystation.broker;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// An authority made for a test, and what it signs.
public final class TestCertificates {
    private static final char[] NO_PASSWORD = {};
    private static final Instant NOT_BEFORE = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant NOT_AFTER = Instant.parse("2120-01-01T00:00:00Z");

    private final KeyPair authorityKey;
    private final X509Certificate authority;
    private long serial = 1;

    /// A certificate with its key.
    public record Identity(X509Certificate certificate, KeyPair key) {}

    public TestCertificates(String name) throws GeneralSecurityException {
        authorityKey = ecKey();
        authority = certificate(name, authorityKey, name, authorityKey, true);
    }

    public static KeyPair ecKey() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    static KeyPair rsaKey() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    public X509Certificate authority() {
        return authority;
    }

    public Identity issue(String commonName, KeyPair key) throws GeneralSecurityException {
        return new Identity(
                certificate(
                        commonName,
                        key,
                        authority.getSubjectX500Principal().getName().substring(3),
                        authorityKey,
                        false),
                key);
    }

    private X509Certificate certificate(String subject, KeyPair key, String issuer, KeyPair signer, boolean isAuthority)
            throws GeneralSecurityException {
        try {
            serial++;
            var builder = new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=" + issuer),
                    BigInteger.valueOf(serial),
                    Date.from(NOT_BEFORE),
                    Date.from(NOT_AFTER),
                    new X500Principal("CN=" + subject),
                    key.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
            var signed = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()));
            return new JcaX509CertificateConverter().getCertificate(signed);
        } catch (IOException | OperatorException impossible) {
            throw new GeneralSecurityException(impossible);
        }
    }

    /// Writes objects as PEM, a private key in OpenSSL's older forms, PKCS#1 and SEC1.
    public static Path pem(Path file, Object... objects) throws IOException {
        try (var writer =
                new JcaPEMWriter(new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.US_ASCII))) {
            for (var object : objects) {
                writer.writeObject(object);
            }
        }
        return file;
    }

    /// Writes a private key as PEM in the general form, PKCS#8.
    public static Path pem8(Path file, PrivateKey key) throws IOException {
        return pem(file, new JcaPKCS8Generator(key, null));
    }

    /// The flags that give a broker this certificate.
    public static String[] flags(Path directory, Identity identity, String... more) throws IOException {
        var flags = new String[more.length + 3];
        flags[0] = "--tls-cert=" + pem(directory.resolve("server.crt"), identity.certificate());
        flags[1] = "--tls-key="
                + pem(directory.resolve("server.key"), identity.key().getPrivate());
        flags[2] = "--https-address=127.0.0.1:0";
        System.arraycopy(more, 0, flags, 3, more.length);
        return flags;
    }

    /// What a server uses that shows `own`.
    SSLContext serverContext(Identity own) throws GeneralSecurityException, IOException {
        return clientContext(own);
    }

    /// What a client uses that trusts this authority and shows `client`.
    public SSLContext clientContext(@Nullable Identity client) throws GeneralSecurityException, IOException {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", authority);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (client != null) {
            own.setKeyEntry(
                    "client", client.key().getPrivate(), NO_PASSWORD, new X509Certificate[] {client.certificate()});
        }
        keys.init(own, NO_PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
        return context;
    }
}
