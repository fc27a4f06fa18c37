package io.waystation.channel;

/// Why a channel gives a message up.
public enum Retirement {
    MAX_ATTEMPTS("max-attempts"),
    TIME_TO_LIVE("time-to-live");

    private final String text;

    Retirement(String text) {
        this.text = text;
    }

    /// As dead letters and log lines say it.
    public String text() {
        return text;
    }
}
