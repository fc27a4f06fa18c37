package io.waystation.operator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// The release that this operator belongs to; brokers of the same release are its default.
final class OperatorVersion {
    static final String TEXT = read();

    private OperatorVersion() {}

    private static String read() {
        try (var resource = Objects.requireNonNull(OperatorVersion.class.getResourceAsStream("version"))) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
