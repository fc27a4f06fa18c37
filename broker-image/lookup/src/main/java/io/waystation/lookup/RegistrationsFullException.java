package io.waystation.lookup;

/// The registry is at one of its limits; the message says at which.
final class RegistrationsFullException extends Exception {
    private static final long serialVersionUID = 1;

    RegistrationsFullException(String message) {
        super(message, null, false, false);
    }
}
