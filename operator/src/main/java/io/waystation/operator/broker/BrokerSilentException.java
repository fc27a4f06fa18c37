package io.waystation.operator.broker;

/// No answer, or none that makes sense: nothing is known.
public final class BrokerSilentException extends Exception {
    private static final long serialVersionUID = 1;

    BrokerSilentException(String message, Throwable cause) {
        super(message, cause);
    }

    BrokerSilentException(String message) {
        super(message);
    }
}
