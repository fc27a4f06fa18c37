package io.waystation.client;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// One of [ClientOptions]: its name, its default, how a text becomes its value.
enum ClientOption {
    DIAL_TIMEOUT("dial_timeout", "1s", duration("0s", "24h")),
    READ_TIMEOUT("read_timeout", "60s", duration("100ms", "5m")),
    LOCAL_ADDR("local_addr", "", ClientOption::localAddress),
    LOOKUPD_POLL_INTERVAL("lookupd_poll_interval", "60s", duration("10ms", "5m")),
    LOOKUPD_POLL_JITTER("lookupd_poll_jitter", "0.3", ClientOption::fraction),
    LOOKUPD_POLL_TIMEOUT("lookupd_poll_timeout", "1m", duration("1ms", "24h")),
    MAX_REQUEUE_DELAY("max_requeue_delay", "15m", duration("0s", "60m")),
    DEFAULT_REQUEUE_DELAY("default_requeue_delay", "90s", duration("0s", "60m")),
    BACKOFF_STRATEGY("backoff_strategy", "exponential", ClientOption::strategy),
    MAX_BACKOFF_DURATION("max_backoff_duration", "2m", duration("0s", "60m")),
    BACKOFF_MULTIPLIER("backoff_multiplier", "1s", duration("0s", "60m")),
    MAX_ATTEMPTS("max_attempts", "5", number(0, 65535)),
    LOW_RDY_IDLE_TIMEOUT("low_rdy_idle_timeout", "10s", duration("1s", "5m")),
    LOW_RDY_TIMEOUT("low_rdy_timeout", "30s", duration("1s", "5m")),
    RDY_REDISTRIBUTE_INTERVAL("rdy_redistribute_interval", "5s", duration("1ms", "5s")),
    CLIENT_ID("client_id", "", text -> text),
    HOSTNAME("hostname", "", text -> text),
    USER_AGENT("user_agent", "", text -> text),
    HEARTBEAT_INTERVAL("heartbeat_interval", "30s", duration("1ms", "5m")),
    SAMPLE_RATE("sample_rate", "0", number(0, 99)),
    OUTPUT_BUFFER_SIZE("output_buffer_size", "16384", number(0, Integer.MAX_VALUE)),
    OUTPUT_BUFFER_TIMEOUT("output_buffer_timeout", "250ms", duration("0s", "24h")),
    MAX_IN_FLIGHT("max_in_flight", "1", number(0, Integer.MAX_VALUE)),
    MSG_TIMEOUT("msg_timeout", "0s", duration("0s", "24h")),
    TLS_V1("tls_v1", "false", ClientOption::bool),
    TLS_ROOT_CA_FILE("tls_root_ca_file", "", ClientOption::path),
    TLS_CERT("tls_cert", "", ClientOption::path),
    TLS_KEY("tls_key", "", ClientOption::path),
    TLS_INSECURE_SKIP_VERIFY("tls_insecure_skip_verify", "false", ClientOption::bool),
    TLS_MIN_VERSION("tls_min_version", "tls1.2", choice("ssl3.0", "tls1.0", "tls1.1", "tls1.2", "tls1.3")),
    DEFLATE("deflate", "false", ClientOption::bool),
    DEFLATE_LEVEL("deflate_level", "6", number(1, 9)),
    SNAPPY("snappy", "false", ClientOption::bool),
    AUTH_SECRET("auth_secret", "", text -> text),
    /// True means, in spite of its name, that lookups are told.
    SKIP_LOOKUPD_AUTHORIZATION("skip_lookupd_authorization", "true", ClientOption::bool);

    private final String name;
    private final String defaultText;

    @SuppressWarnings("ImmutableEnumChecker") // parsers are functions without state
    private final Function<String, Object> parser;

    ClientOption(String name, String defaultText, Function<String, Object> parser) {
        this.name = name;
        this.defaultText = defaultText;
        this.parser = parser;
    }

    String optionName() {
        return name;
    }

    Object defaultValue() {
        return parse(defaultText);
    }

    Object parse(String text) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(name + ": " + wrong.getMessage(), wrong);
        }
    }

    private static Function<String, Object> duration(String least, String most) {
        return text -> {
            var duration = GoDuration.parse(text);
            if (duration.compareTo(GoDuration.parse(least)) < 0 || duration.compareTo(GoDuration.parse(most)) > 0) {
                throw new IllegalArgumentException(text + " (expected: " + least + ".." + most + ")");
            }
            return duration;
        };
    }

    private static Function<String, Object> number(int least, int most) {
        return text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                throw new IllegalArgumentException(
                        "'" + text + "' (expected: a number " + least + ".." + most + ")", notANumber);
            }
            throw new IllegalArgumentException(text + " (expected: " + least + ".." + most + ")");
        };
    }

    private static Object fraction(String text) {
        try {
            double number = Double.parseDouble(text);
            if (number >= 0 && number <= 1) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("'" + text + "' (expected: a number 0..1)", notANumber);
        }
        throw new IllegalArgumentException(text + " (expected: 0..1)");
    }

    private static Object strategy(String text) {
        return Arrays.stream(Backoff.Strategy.values())
                .filter(strategy -> strategy.optionValue().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' (expected: exponential, full_jitter)"));
    }

    private static Object localAddress(String text) {
        return text.isEmpty() ? text : BrokerAddress.parse(text).resolve();
    }

    private static Object bool(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' (expected: true or false)");
        };
    }

    private static Function<String, Object> choice(String... allowed) {
        return text -> {
            if (List.of(allowed).contains(text)) {
                return text;
            }
            throw new IllegalArgumentException("'" + text + "' (expected: " + String.join(", ", allowed) + ")");
        };
    }

    private static Object path(String text) {
        return Path.of(text).toString();
    }
}
