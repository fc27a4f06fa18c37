package io.waystation.client;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a connection asks of a broker and how a consumer behaves, under go-nsq's names and with its defaults and
/// ranges. Immutable; each `with` gives a new one.
public final class ClientOptions {
    /// go-nsq's one option that this client does not have.
    private static final String WRITE_TIMEOUT = "write_timeout";

    private final Map<ClientOption, Object> values;

    private ClientOptions(Map<ClientOption, Object> values) {
        this.values = values;
    }

    /// go-nsq's defaults; the client id is the host's short name.
    public static ClientOptions defaults(String hostname, String userAgent) {
        var values = new EnumMap<ClientOption, Object>(ClientOption.class);
        for (var option : ClientOption.values()) {
            values.put(option, option.defaultValue());
        }
        int dot = hostname.indexOf('.');
        values.put(ClientOption.CLIENT_ID, dot < 0 ? hostname : hostname.substring(0, dot));
        values.put(ClientOption.HOSTNAME, hostname);
        values.put(ClientOption.USER_AGENT, userAgent);
        return new ClientOptions(values);
    }

    /// The names that [#with] accepts.
    public static Set<String> names() {
        var names = new TreeSet<String>();
        for (var option : ClientOption.values()) {
            names.add(option.optionName());
        }
        return names;
    }

    /// The same options with one set by name, as `--consumer-opt name,value` does; `-` and `_` are equal. An
    /// [IllegalArgumentException] says what is wrong: an unknown name, one of go-nsq's that this client does not
    /// have, a value out of range.
    public ClientOptions with(String name, String value) {
        var wanted = name.replace('-', '_');
        for (var option : ClientOption.values()) {
            if (option.optionName().equals(wanted)) {
                var changed = new EnumMap<>(values);
                changed.put(option, option.parse(value));
                return new ClientOptions(changed);
            }
        }
        if (wanted.equals(WRITE_TIMEOUT)) {
            throw new IllegalArgumentException("option " + name + " is not supported: a write waits while the broker"
                    + " holds back, until it has said nothing for the read_timeout");
        }
        throw new IllegalArgumentException("invalid option " + name + " (expected: one of " + names() + ")");
    }

    /// The same options with another number of messages in flight.
    public ClientOptions withMaxInFlight(int count) {
        return with(ClientOption.MAX_IN_FLIGHT.optionName(), Integer.toString(count));
    }

    /// Throws an [IllegalArgumentException] when two options contradict each other. Consumers and producers ask
    /// it of what they are given.
    public void check() {
        if (heartbeatInterval().compareTo(readTimeout()) > 0) {
            throw new IllegalArgumentException(
                    "heartbeat_interval: " + heartbeatInterval().toMillis() + "ms (expected: at most read_timeout, "
                            + readTimeout().toMillis() + "ms)");
        }
        if (snappy() && deflate()) {
            throw new IllegalArgumentException("snappy: true (expected: false, since deflate is true)");
        }
        if (tlsCert().isPresent() != tlsKey().isPresent()) {
            throw new IllegalArgumentException(
                    "tls_cert: given without tls_key, or the other way round (expected: both)");
        }
    }

    public Duration dialTimeout() {
        return duration(ClientOption.DIAL_TIMEOUT);
    }

    /// A broker that says nothing for so long is lost.
    public Duration readTimeout() {
        return duration(ClientOption.READ_TIMEOUT);
    }

    /// Where connections start; absent: wherever the system likes.
    public Optional<InetSocketAddress> localAddress() {
        return value(ClientOption.LOCAL_ADDR) instanceof InetSocketAddress address
                ? Optional.of(address)
                : Optional.empty();
    }

    public Duration lookupdPollInterval() {
        return duration(ClientOption.LOOKUPD_POLL_INTERVAL);
    }

    /// The part of the interval by which polls are spread, 0..1.
    public double lookupdPollJitter() {
        return (double) value(ClientOption.LOOKUPD_POLL_JITTER);
    }

    public Duration lookupdPollTimeout() {
        return duration(ClientOption.LOOKUPD_POLL_TIMEOUT);
    }

    public Duration maxRequeueDelay() {
        return duration(ClientOption.MAX_REQUEUE_DELAY);
    }

    /// Times the attempts, it is how long a failed message waits.
    public Duration defaultRequeueDelay() {
        return duration(ClientOption.DEFAULT_REQUEUE_DELAY);
    }

    Backoff.Strategy backoffStrategy() {
        return (Backoff.Strategy) value(ClientOption.BACKOFF_STRATEGY);
    }

    /// Zero: no backoff.
    public Duration maxBackoffDuration() {
        return duration(ClientOption.MAX_BACKOFF_DURATION);
    }

    public Duration backoffMultiplier() {
        return duration(ClientOption.BACKOFF_MULTIPLIER);
    }

    /// A message that came more often is finished without being handled; 0: none is.
    public int maxAttempts() {
        return (int) value(ClientOption.MAX_ATTEMPTS);
    }

    public Duration lowRdyIdleTimeout() {
        return duration(ClientOption.LOW_RDY_IDLE_TIMEOUT);
    }

    public Duration lowRdyTimeout() {
        return duration(ClientOption.LOW_RDY_TIMEOUT);
    }

    public Duration rdyRedistributeInterval() {
        return duration(ClientOption.RDY_REDISTRIBUTE_INTERVAL);
    }

    public String clientId() {
        return (String) value(ClientOption.CLIENT_ID);
    }

    public String hostname() {
        return (String) value(ClientOption.HOSTNAME);
    }

    public String userAgent() {
        return (String) value(ClientOption.USER_AGENT);
    }

    public Duration heartbeatInterval() {
        return duration(ClientOption.HEARTBEAT_INTERVAL);
    }

    /// Percent of the messages to get; 0: all.
    public int sampleRate() {
        return (int) value(ClientOption.SAMPLE_RATE);
    }

    public int outputBufferSize() {
        return (int) value(ClientOption.OUTPUT_BUFFER_SIZE);
    }

    public Duration outputBufferTimeout() {
        return duration(ClientOption.OUTPUT_BUFFER_TIMEOUT);
    }

    /// Messages in flight at once, over all connections.
    public int maxInFlight() {
        return (int) value(ClientOption.MAX_IN_FLIGHT);
    }

    /// Zero: the broker's default.
    public Duration msgTimeout() {
        return duration(ClientOption.MSG_TIMEOUT);
    }

    /// Whether connections are encrypted; a broker that cannot is not spoken to.
    public boolean tlsV1() {
        return (boolean) value(ClientOption.TLS_V1);
    }

    /// Whom to believe; absent: Java's own authorities.
    public Optional<Path> tlsRootCaFile() {
        return file(ClientOption.TLS_ROOT_CA_FILE);
    }

    /// The certificate to show; absent: none.
    public Optional<Path> tlsCert() {
        return file(ClientOption.TLS_CERT);
    }

    public Optional<Path> tlsKey() {
        return file(ClientOption.TLS_KEY);
    }

    /// Whether any broker is believed to be the one that is meant.
    public boolean tlsInsecureSkipVerify() {
        return (boolean) value(ClientOption.TLS_INSECURE_SKIP_VERIFY);
    }

    /// Java's names of what `tls_min_version` allows. Nothing below 1.2 is spoken.
    List<String> tlsProtocols() {
        return value(ClientOption.TLS_MIN_VERSION).equals("tls1.3")
                ? List.of("TLSv1.3")
                : List.of("TLSv1.3", "TLSv1.2");
    }

    public boolean deflate() {
        return (boolean) value(ClientOption.DEFLATE);
    }

    /// 1, the fastest, to 9, the most thorough.
    public int deflateLevel() {
        return (int) value(ClientOption.DEFLATE_LEVEL);
    }

    public boolean snappy() {
        return (boolean) value(ClientOption.SNAPPY);
    }

    /// What brokers that require AUTH are told; empty: nothing.
    public String authSecret() {
        return (String) value(ClientOption.AUTH_SECRET);
    }

    /// Whether lookups are told the secret as well.
    public boolean tellsLookupsSecret() {
        return (boolean) value(ClientOption.SKIP_LOOKUPD_AUTHORIZATION);
    }

    private Optional<Path> file(ClientOption option) {
        var path = (String) value(option);
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }

    private Duration duration(ClientOption option) {
        return (Duration) value(option);
    }

    private Object value(ClientOption option) {
        var value = values.get(option);
        if (value == null) {
            throw new IllegalStateException("no value of " + option.optionName());
        }
        return value;
    }
}
