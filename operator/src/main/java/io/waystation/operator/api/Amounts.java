package io.waystation.operator.api;

/// The forms that durations have in specs: one number with one unit, which rules can compute with.
final class Amounts {
    /// Up to 273 years, so that the brokers, which count nanoseconds, can have it.
    private static final String POSITIVE = "[1-9][0-9]{0,8}(ms|s)|[1-9][0-9]{0,5}(m|h)|[1-9][0-9]{0,4}d";

    static final String LENGTH = "^(" + POSITIVE + ")$";
    static final String LENGTH_OR_NONE = "^(0s|" + POSITIVE + ")$";

    /// Without days, which CEL's durations do not have.
    static final String SHORT_OR_NONE = "^(0s|[1-9][0-9]{0,8}(ms|s)|[1-9][0-9]{0,5}(m|h))$";

    /// What a message delay is at most on the brokers: 2^30 ms.
    static final String AT_MOST_298_HOURS = "duration(self) <= duration('298h')";

    private Amounts() {}
}
