package io.waystation.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/// What a connection asks of a broker and how long it waits, under go-nsq's names. Immutable; each `with` gives a new
/// one.
///
/// @param sampleRate percent of the messages to get; 0: all
/// @param msgTimeout zero: the broker's default
public record ClientOptions(
        Duration dialTimeout,
        Duration readTimeout,
        Duration heartbeatInterval,
        Duration lookupdPollInterval,
        double lookupdPollJitter,
        Duration outputBufferTimeout,
        Duration msgTimeout,
        Duration defaultRequeueDelay,
        int outputBufferSize,
        int sampleRate,
        int maxInFlight,
        int maxAttempts,
        String clientId,
        String hostname,
        String userAgent) {

    private static final Pattern DURATION = Pattern.compile("([0-9.]+)(ns|us|ms|s|m|h)");

    /// go-nsq's defaults.
    public static ClientOptions defaults(String hostname, String userAgent) {
        int dot = hostname.indexOf('.');
        return new ClientOptions(
                Duration.ofSeconds(1),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                0.3,
                Duration.ofMillis(250),
                Duration.ZERO,
                Duration.ofSeconds(90),
                16384,
                0,
                1,
                5,
                dot < 0 ? hostname : hostname.substring(0, dot),
                hostname,
                userAgent);
    }

    /// The same options with one set by name, as `--consumer-opt name,value` does; `-` and `_` are equal. Throws what
    /// is
    /// wrong: an unknown name, one of go-nsq's that this client does not have, a value out of range.
    public ClientOptions with(String name, String value) {
        return switch (name.replace('-', '_')) {
            case "dial_timeout" -> copy(duration(name, value), readTimeout, heartbeatInterval);
            case "read_timeout" -> copy(dialTimeout, between(name, value, "100ms", "5m"), heartbeatInterval);
            case "heartbeat_interval" -> copy(dialTimeout, readTimeout, duration(name, value));
            case "lookupd_poll_interval" -> polls(between(name, value, "10ms", "5m"), lookupdPollJitter);
            case "lookupd_poll_jitter" -> polls(lookupdPollInterval, fraction(name, value));
            case "output_buffer_timeout" -> delivery(duration(name, value), msgTimeout, outputBufferSize, sampleRate);
            case "msg_timeout" -> delivery(outputBufferTimeout, duration(name, value), outputBufferSize, sampleRate);
            case "output_buffer_size" ->
                delivery(outputBufferTimeout, msgTimeout, number(name, value, 0, Integer.MAX_VALUE), sampleRate);
            case "sample_rate" ->
                delivery(outputBufferTimeout, msgTimeout, outputBufferSize, number(name, value, 0, 99));
            case "max_in_flight" -> inFlight(number(name, value, 0, Integer.MAX_VALUE));
            case "max_attempts" -> attempts(number(name, value, 0, 65535));
            case "client_id" -> identity(value, hostname, userAgent);
            case "hostname" -> identity(clientId, value, userAgent);
            case "user_agent" -> identity(clientId, hostname, value);
            case "write_timeout",
                    "local_addr",
                    "lookupd_poll_timeout",
                    "max_requeue_delay",
                    "default_requeue_delay",
                    "backoff_strategy",
                    "max_backoff_duration",
                    "backoff_multiplier",
                    "low_rdy_idle_timeout",
                    "low_rdy_timeout",
                    "rdy_redistribute_interval",
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
                    "skip_lookupd_authorization" ->
                throw new IllegalArgumentException("option " + name + " is not supported by this release");
            default -> throw new IllegalArgumentException("invalid option " + name);
        };
    }

    /// The same options with another number of messages in flight.
    public ClientOptions inFlight(int count) {
        return new ClientOptions(
                dialTimeout,
                readTimeout,
                heartbeatInterval,
                lookupdPollInterval,
                lookupdPollJitter,
                outputBufferTimeout,
                msgTimeout,
                defaultRequeueDelay,
                outputBufferSize,
                sampleRate,
                count,
                maxAttempts,
                clientId,
                hostname,
                userAgent);
    }

    private ClientOptions attempts(int count) {
        return new ClientOptions(
                dialTimeout,
                readTimeout,
                heartbeatInterval,
                lookupdPollInterval,
                lookupdPollJitter,
                outputBufferTimeout,
                msgTimeout,
                defaultRequeueDelay,
                outputBufferSize,
                sampleRate,
                maxInFlight,
                count,
                clientId,
                hostname,
                userAgent);
    }

    private ClientOptions copy(Duration dial, Duration read, Duration heartbeat) {
        return new ClientOptions(
                dial,
                read,
                heartbeat,
                lookupdPollInterval,
                lookupdPollJitter,
                outputBufferTimeout,
                msgTimeout,
                defaultRequeueDelay,
                outputBufferSize,
                sampleRate,
                maxInFlight,
                maxAttempts,
                clientId,
                hostname,
                userAgent);
    }

    private ClientOptions polls(Duration interval, double jitter) {
        return new ClientOptions(
                dialTimeout,
                readTimeout,
                heartbeatInterval,
                interval,
                jitter,
                outputBufferTimeout,
                msgTimeout,
                defaultRequeueDelay,
                outputBufferSize,
                sampleRate,
                maxInFlight,
                maxAttempts,
                clientId,
                hostname,
                userAgent);
    }

    private ClientOptions delivery(Duration bufferTimeout, Duration messageTimeout, int bufferSize, int rate) {
        return new ClientOptions(
                dialTimeout,
                readTimeout,
                heartbeatInterval,
                lookupdPollInterval,
                lookupdPollJitter,
                bufferTimeout,
                messageTimeout,
                defaultRequeueDelay,
                bufferSize,
                rate,
                maxInFlight,
                maxAttempts,
                clientId,
                hostname,
                userAgent);
    }

    private ClientOptions identity(String client, String host, String agent) {
        return new ClientOptions(
                dialTimeout,
                readTimeout,
                heartbeatInterval,
                lookupdPollInterval,
                lookupdPollJitter,
                outputBufferTimeout,
                msgTimeout,
                defaultRequeueDelay,
                outputBufferSize,
                sampleRate,
                maxInFlight,
                maxAttempts,
                client,
                host,
                agent);
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(name + ": '" + value + "' (expected: a number)", notANumber);
        }
        throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
    }

    private static double fraction(String name, String value) {
        double number = Double.parseDouble(value);
        if (number < 0 || number > 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1)");
        }
        return number;
    }

    private static Duration between(String name, String value, String least, String most) {
        var duration = duration(name, value);
        if (duration.compareTo(duration(name, least)) < 0 || duration.compareTo(duration(name, most)) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
        return duration;
    }

    private static Duration duration(String name, String value) {
        if (value.matches("[0-9]+")) {
            return Duration.ofMillis(Long.parseLong(value));
        }
        var match = DURATION.matcher(value);
        if (!match.matches()) {
            throw new IllegalArgumentException(name + ": '" + value + "' (expected: a duration such as 300ms)");
        }
        long unitNs = switch (match.group(2)) {
            case "ns" -> 1L;
            case "us" -> 1000L;
            case "ms" -> 1000_000L;
            case "s" -> 1000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3600_000_000_000L;
        };
        return Duration.ofNanos(new BigDecimal(match.group(1))
                .multiply(BigDecimal.valueOf(unitNs))
                .longValue());
    }
}
