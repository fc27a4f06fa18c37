package io.waystation.daemon;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A file of PEM blocks, as OpenSSL and Go write them: certificates, and keys in any of the three usual forms.
/// Immutable.
///
/// Java reads only the general form of a key, PKCS#8; the older ones are its innermost part, and the algorithm, for
/// EC with its curve, stands at the beginning of the public key as well:
///
/// ```
///   PKCS#8       30 .. 02 01 00   30 .. <algorithm>   04 .. <key>    PKCS#1: RSAPrivateKey (RFC 8017)
///   public key   30 ..            30 .. <algorithm>   03 .. <key>    SEC1:   ECPrivateKey (RFC 5915)
/// ```
final class PemFile {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {2, 1, 0};

    private static final class Block {
        final String type;
        final byte[] bytes;

        Block(String type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }
    }

    private final String option;
    private final Path path;
    private final List<Block> blocks = new ArrayList<>();

    /// @param option the option that names the file, for errors
    PemFile(String option, Path path) throws IOException {
        this.option = option;
        this.path = path;
        String text;
        try {
            text = Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            throw new IOException(option + ": cannot read " + path + ": " + unreadable, unreadable);
        }
        var matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException notBase64) {
                throw problem("a block that is not Base64", "PEM", notBase64);
            }
        }
    }

    /// All certificates in their order; at least one.
    List<X509Certificate> certificates() throws IOException {
        var certificates = new ArrayList<X509Certificate>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (var block : blocks) {
                if (block.type.equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.bytes)));
                }
            }
        } catch (GeneralSecurityException malformed) {
            throw problem(String.valueOf(malformed.getMessage()), "an X.509 certificate", malformed);
        }
        if (certificates.isEmpty()) {
            throw problem("no certificate", "a PEM block CERTIFICATE", null);
        }
        return certificates;
    }

    /// The private key to a certificate's public one.
    PrivateKey keyOf(PublicKey publicKey) throws IOException {
        for (var block : blocks) {
            if (block.type.equals("PRIVATE KEY") || block.type.endsWith(" PRIVATE KEY")) {
                try {
                    var factory = KeyFactory.getInstance(publicKey.getAlgorithm());
                    return factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8(block, publicKey)));
                } catch (GeneralSecurityException unusable) {
                    throw problem(
                            "a key that is no " + publicKey.getAlgorithm() + " key",
                            "the key to the certificate",
                            unusable);
                }
            }
        }
        throw problem("no private key", "a PEM block PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY", null);
    }

    private byte[] pkcs8(Block block, PublicKey publicKey) throws IOException {
        return switch (block.type) {
            case "PRIVATE KEY" -> block.bytes;
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
                der(SEQUENCE, VERSION_0, algorithm(publicKey.getEncoded()), der(OCTET_STRING, block.bytes));
            default -> throw problem("a block " + block.type, "a key without a password", null);
        };
    }

    /// The first element of an encoded public key.
    private static byte[] algorithm(byte[] encoded) {
        int start = contentStart(encoded, 0);
        return Arrays.copyOfRange(encoded, start, contentStart(encoded, start) + contentLength(encoded, start));
    }

    private static int contentStart(byte[] der, int at) {
        int first = der[at + 1];
        return at + 2 + (first >= 0 ? 0 : first & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1];
        if (first >= 0) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        var element = new ByteArrayOutputStream();
        element.write(tag);
        if (length < 0x80) {
            element.write(length);
        } else {
            element.write(0x82);
            element.write(length >>> 8);
            element.write(length);
        }
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    private IOException problem(String what, String expected, @Nullable Exception cause) {
        return new IOException(option + ": " + path + " holds " + what + " (expected: " + expected + ")", cause);
    }
}
