package io.waystation.operator.broker;

import org.jspecify.annotations.Nullable;

/// The broker understood and said no; `code` is from its API's table.
public final class BrokerRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final transient @Nullable Owner owner;
    private final long unfinished;

    BrokerRefusedException(int status, String code, String message, @Nullable Owner owner, long unfinished) {
        super(message);
        this.status = status;
        this.code = code;
        this.owner = owner;
        this.unfinished = unfinished;
    }

    public boolean isNotFound() {
        return status == 404;
    }

    public String code() {
        return code;
    }

    /// The recorded owner, with code `OWNED_BY_OTHER`.
    public @Nullable Owner owner() {
        return owner;
    }

    /// What is not finished, with code `NOT_EMPTY`.
    public long unfinished() {
        return unfinished;
    }
}
