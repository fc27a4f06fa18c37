package io.waystation.client;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// What a connection asks of a broker and how a consumer behaves, under go-nsq's names and with its defaults and
/// ranges. Immutable; each `with` gives a new one.
public final class ClientOptions {
    /// One option: its name, its default, how a text becomes its value.
    private enum Option {
        DIAL_TIMEOUT("dial_timeout", "1s", duration("0s", "24h")),
        READ_TIMEOUT("read_timeout", "60s", duration("100ms", "5m")),
        LOCAL_ADDR("local_addr", "", ClientOptions::localAddress),
        LOOKUPD_POLL_INTERVAL("lookupd_poll_interval", "60s", duration("10ms", "5m")),
        LOOKUPD_POLL_JITTER("lookupd_poll_jitter", "0.3", ClientOptions::fraction),
        LOOKUPD_POLL_TIMEOUT("lookupd_poll_timeout", "1m", duration("1ms", "24h")),
        MAX_REQUEUE_DELAY("max_requeue_delay", "15m", duration("0s", "60m")),
        DEFAULT_REQUEUE_DELAY("default_requeue_delay", "90s", duration("0s", "60m")),
        BACKOFF_STRATEGY("backoff_strategy", "exponential", ClientOptions::strategy),
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
        MSG_TIMEOUT("msg_timeout", "0s", duration("0s", "24h"));

        private final String name;
        private final String defaultText;

        @SuppressWarnings("ImmutableEnumChecker") // parsers are functions without state
        private final Function<String, Object> parser;

        Option(String name, String defaultText, Function<String, Object> parser) {
            this.name = name;
            this.defaultText = defaultText;
            this.parser = parser;
        }

        Object parse(String text) {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(name + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    /// go-nsq's options that this client does not have. They are refused: whoever sets `tls_v1` must not send in
    /// clear.
    private static final Set<String> UNSUPPORTED = new TreeSet<>(List.of(
            "write_timeout",
            "tls_v1",
            "tls_root_ca_file",
            "tls_cert",
            "tls_key",
            "tls_insecure_skip_verify",
            "tls_min_version",
            "deflate",
            "deflate_level",
            "snappy",
            "auth_secret",
            "skip_lookupd_authorization"));

    private final Map<Option, Object> values;

    private ClientOptions(Map<Option, Object> values) {
        this.values = values;
    }

    /// go-nsq's defaults; the client id is the host's short name.
    public static ClientOptions defaults(String hostname, String userAgent) {
        var values = new EnumMap<Option, Object>(Option.class);
        for (var option : Option.values()) {
            values.put(option, option.parse(option.defaultText));
        }
        int dot = hostname.indexOf('.');
        values.put(Option.CLIENT_ID, dot < 0 ? hostname : hostname.substring(0, dot));
        values.put(Option.HOSTNAME, hostname);
        values.put(Option.USER_AGENT, userAgent);
        return new ClientOptions(values);
    }

    /// The names that [#with] accepts.
    public static Set<String> names() {
        var names = new TreeSet<String>();
        for (var option : Option.values()) {
            names.add(option.name);
        }
        return names;
    }

    /// The same options with one set by name, as `--consumer-opt name,value` does; `-` and `_` are equal. An
    /// [IllegalArgumentException] says what is wrong: an unknown name, one of go-nsq's that this client does not
    /// have, a value out of range.
    public ClientOptions with(String name, String value) {
        var wanted = name.replace('-', '_');
        for (var option : Option.values()) {
            if (option.name.equals(wanted)) {
                var changed = new EnumMap<>(values);
                changed.put(option, option.parse(value));
                return new ClientOptions(changed);
            }
        }
        if (UNSUPPORTED.contains(wanted)) {
            throw new IllegalArgumentException("option " + name + " is not supported by this release");
        }
        throw new IllegalArgumentException("invalid option " + name + " (expected: one of " + names() + ")");
    }

    /// The same options with another number of messages in flight.
    public ClientOptions withMaxInFlight(int count) {
        return with(Option.MAX_IN_FLIGHT.name, Integer.toString(count));
    }

    /// Throws an [IllegalArgumentException] when two options contradict each other. Consumers and producers ask
    /// it of what they are given.
    public void check() {
        if (heartbeatInterval().compareTo(readTimeout()) > 0) {
            throw new IllegalArgumentException(
                    "heartbeat_interval: " + heartbeatInterval().toMillis() + "ms (expected: at most read_timeout, "
                            + readTimeout().toMillis() + "ms)");
        }
    }

    public Duration dialTimeout() {
        return duration(Option.DIAL_TIMEOUT);
    }

    /// A broker that says nothing for so long is lost.
    public Duration readTimeout() {
        return duration(Option.READ_TIMEOUT);
    }

    /// Where connections start; absent: wherever the system likes.
    public Optional<InetSocketAddress> localAddress() {
        return value(Option.LOCAL_ADDR) instanceof InetSocketAddress address ? Optional.of(address) : Optional.empty();
    }

    public Duration lookupdPollInterval() {
        return duration(Option.LOOKUPD_POLL_INTERVAL);
    }

    /// The part of the interval by which polls are spread, 0..1.
    public double lookupdPollJitter() {
        return (double) value(Option.LOOKUPD_POLL_JITTER);
    }

    public Duration lookupdPollTimeout() {
        return duration(Option.LOOKUPD_POLL_TIMEOUT);
    }

    public Duration maxRequeueDelay() {
        return duration(Option.MAX_REQUEUE_DELAY);
    }

    /// Times the attempts, it is how long a failed message waits.
    public Duration defaultRequeueDelay() {
        return duration(Option.DEFAULT_REQUEUE_DELAY);
    }

    Backoff.Strategy backoffStrategy() {
        return (Backoff.Strategy) value(Option.BACKOFF_STRATEGY);
    }

    /// Zero: no backoff.
    public Duration maxBackoffDuration() {
        return duration(Option.MAX_BACKOFF_DURATION);
    }

    public Duration backoffMultiplier() {
        return duration(Option.BACKOFF_MULTIPLIER);
    }

    /// A message that came more often is finished without being handled; 0: none is.
    public int maxAttempts() {
        return (int) value(Option.MAX_ATTEMPTS);
    }

    public Duration lowRdyIdleTimeout() {
        return duration(Option.LOW_RDY_IDLE_TIMEOUT);
    }

    public Duration lowRdyTimeout() {
        return duration(Option.LOW_RDY_TIMEOUT);
    }

    public Duration rdyRedistributeInterval() {
        return duration(Option.RDY_REDISTRIBUTE_INTERVAL);
    }

    public String clientId() {
        return (String) value(Option.CLIENT_ID);
    }

    public String hostname() {
        return (String) value(Option.HOSTNAME);
    }

    public String userAgent() {
        return (String) value(Option.USER_AGENT);
    }

    public Duration heartbeatInterval() {
        return duration(Option.HEARTBEAT_INTERVAL);
    }

    /// Percent of the messages to get; 0: all.
    public int sampleRate() {
        return (int) value(Option.SAMPLE_RATE);
    }

    public int outputBufferSize() {
        return (int) value(Option.OUTPUT_BUFFER_SIZE);
    }

    public Duration outputBufferTimeout() {
        return duration(Option.OUTPUT_BUFFER_TIMEOUT);
    }

    /// Messages in flight at once, over all connections.
    public int maxInFlight() {
        return (int) value(Option.MAX_IN_FLIGHT);
    }

    /// Zero: the broker's default.
    public Duration msgTimeout() {
        return duration(Option.MSG_TIMEOUT);
    }

    private Duration duration(Option option) {
        return (Duration) value(option);
    }

    private Object value(Option option) {
        var value = values.get(option);
        if (value == null) {
            throw new IllegalStateException("no value of " + option.name);
        }
        return value;
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
}
