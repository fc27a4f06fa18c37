package io.waystation.lookup;

import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import java.time.Duration;

/// The lookup's options: nsqlookupd's flags under their names.
public final class LookupOptions {
    static final Option<String> TCP_ADDRESS =
            Option.string("tcp-address", "0.0.0.0:4160", "host:port to listen on for brokers");
    static final Option<String> HTTP_ADDRESS =
            Option.string("http-address", "0.0.0.0:4161", "host:port to listen on for HTTP");
    static final Option<String> BROADCAST_ADDRESS = Option.string(
            "broadcast-address", "", "address under which brokers reach this lookup's HTTP (default: the host's name)");
    static final Option<Duration> INACTIVE_PRODUCER_TIMEOUT = Option.duration(
            "inactive-producer-timeout", "5m", "a broker that was silent for so long is not offered to consumers");
    static final Option<Duration> TOMBSTONE_LIFETIME =
            Option.duration("tombstone-lifetime", "45s", "how long a tombstoned broker is not offered for a topic");
    static final Option<String> LOG_LEVEL = Option.choice(
            "log-level",
            "info",
            "the least important lines that are logged",
            "debug",
            "info",
            "warn",
            "error",
            "fatal");
    static final Option<String> LOG_PREFIX =
            Option.string("log-prefix", "[nsqlookupd] ", "begins each line of the log");

    private LookupOptions() {}

    /// The table that flags, file and documentation come from.
    public static Options table() {
        return Options.of(
                "nsqlookupd",
                TCP_ADDRESS,
                HTTP_ADDRESS,
                BROADCAST_ADDRESS,
                INACTIVE_PRODUCER_TIMEOUT,
                TOMBSTONE_LIFETIME,
                LOG_LEVEL,
                LOG_PREFIX,
                Option.bool("verbose", false, "no effect: see log-level").ignored());
    }
}
