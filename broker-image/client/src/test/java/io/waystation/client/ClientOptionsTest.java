package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientOptionsTest {
    private final ClientOptions defaults = ClientOptions.defaults("vm.example.org", "test/1");
    private final HashSet<String> seen = new HashSet<>();

    private void sets(String name, String text, Object value, Function<ClientOptions, Object> accessor) {
        assertThat(accessor.apply(defaults)).as(name).isNotEqualTo(value);
        assertThat(accessor.apply(defaults.with(name, text))).as(name).isEqualTo(value);
        seen.add(name);
    }

    @Test
    void everyOptionSetsWhatItsNameSays() {
        sets("dial_timeout", "2s", Duration.ofSeconds(2), ClientOptions::dialTimeout);
        sets("read_timeout", "90s", Duration.ofSeconds(90), ClientOptions::readTimeout);
        sets(
                "local_addr",
                "127.0.0.1:99",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 99),
                options -> options.localAddress().orElse(new InetSocketAddress(0)));
        sets("lookupd_poll_interval", "10ms", Duration.ofMillis(10), ClientOptions::lookupdPollInterval);
        sets("lookupd_poll_jitter", "0.5", 0.5, ClientOptions::lookupdPollJitter);
        sets("lookupd_poll_timeout", "3s", Duration.ofSeconds(3), ClientOptions::lookupdPollTimeout);
        sets("max_requeue_delay", "1m30s", Duration.ofSeconds(90), ClientOptions::maxRequeueDelay);
        sets("default_requeue_delay", "0s", Duration.ZERO, ClientOptions::defaultRequeueDelay);
        sets("backoff_strategy", "full_jitter", Backoff.Strategy.FULL_JITTER, ClientOptions::backoffStrategy);
        sets("max_backoff_duration", "1m", Duration.ofMinutes(1), ClientOptions::maxBackoffDuration);
        sets("backoff_multiplier", "250", Duration.ofMillis(250), ClientOptions::backoffMultiplier);
        sets("max_attempts", "65535", 65535, ClientOptions::maxAttempts);
        sets("low_rdy_idle_timeout", "1s", Duration.ofSeconds(1), ClientOptions::lowRdyIdleTimeout);
        sets("low_rdy_timeout", "5m", Duration.ofMinutes(5), ClientOptions::lowRdyTimeout);
        sets("rdy_redistribute_interval", "1ms", Duration.ofMillis(1), ClientOptions::rdyRedistributeInterval);
        sets("client_id", "me", "me", ClientOptions::clientId);
        sets("hostname", "here", "here", ClientOptions::hostname);
        sets("user_agent", "it", "it", ClientOptions::userAgent);
        sets("heartbeat_interval", "1s", Duration.ofSeconds(1), ClientOptions::heartbeatInterval);
        sets("sample_rate", "99", 99, ClientOptions::sampleRate);
        sets("output_buffer_size", "64", 64, ClientOptions::outputBufferSize);
        sets("output_buffer_timeout", "25ms", Duration.ofMillis(25), ClientOptions::outputBufferTimeout);
        sets("max_in_flight", "7", 7, ClientOptions::maxInFlight);
        sets("msg_timeout", "1h", Duration.ofHours(1), ClientOptions::msgTimeout);
        sets("tls_v1", "true", true, ClientOptions::tlsV1);
        sets("tls_root_ca_file", "ca.pem", Optional.of(Path.of("ca.pem")), ClientOptions::tlsRootCaFile);
        sets("tls_cert", "own.pem", Optional.of(Path.of("own.pem")), ClientOptions::tlsCert);
        sets("tls_key", "key.pem", Optional.of(Path.of("key.pem")), ClientOptions::tlsKey);
        sets("tls_insecure_skip_verify", "1", true, ClientOptions::tlsInsecureSkipVerify);
        sets("tls_min_version", "tls1.3", List.of("TLSv1.3"), ClientOptions::tlsProtocols);
        sets("deflate", "true", true, ClientOptions::deflate);
        sets("deflate_level", "9", 9, ClientOptions::deflateLevel);
        sets("snappy", "true", true, ClientOptions::snappy);
        sets("auth_secret", "swordfish", "swordfish", ClientOptions::authSecret);
        sets("skip_lookupd_authorization", "false", false, ClientOptions::tellsLookupsSecret);

        assertThat(seen).isEqualTo(ClientOptions.names());
    }

    @Test
    void theClientIdIsTheHostsShortName() {
        assertThat(defaults.clientId()).isEqualTo("vm");
        assertThat(defaults.hostname()).isEqualTo("vm.example.org");
    }

    @Test
    void dashAndUnderscoreAreEqual() {
        assertThat(defaults.with("max-in-flight", "3").maxInFlight()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "read_timeout|99ms|read_timeout: 99ms (expected: 100ms..5m)",
                "read_timeout|soon|read_timeout: 'soon' (expected: a duration such as 300ms or 1m30s)",
                "low_rdy_timeout|5m1s|low_rdy_timeout: 5m1s (expected: 1s..5m)",
                "max_attempts|65536|max_attempts: 65536 (expected: 0..65535)",
                "sample_rate|many|sample_rate: 'many' (expected: a number 0..99)",
                "lookupd_poll_jitter|1.1|lookupd_poll_jitter: 1.1 (expected: 0..1)",
                "lookupd_poll_jitter|NaN|lookupd_poll_jitter: NaN (expected: 0..1)",
                "lookupd_poll_jitter|some|lookupd_poll_jitter: 'some' (expected: a number 0..1)",
                "backoff_strategy|none|backoff_strategy: 'none' (expected: exponential, full_jitter)",
                "local_addr|here|local_addr: address 'here' (expected: host:port)",
                "tls_v1|maybe|tls_v1: 'maybe' (expected: true or false)",
                "tls_min_version|2|tls_min_version: '2' (expected: ssl3.0, tls1.0, tls1.1, tls1.2, tls1.3)",
                "deflate_level|0|deflate_level: 0 (expected: 1..9)"
            })
    void aWrongValueIsRefusedWithWhatWouldBeRight(String name, String value, String message) {
        assertThatThrownBy(() -> defaults.with(name, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void theWriteTimeoutIsRefusedByName() {
        assertThatThrownBy(() -> defaults.with("write-timeout", "1s"))
                .hasMessage(
                        "option write-timeout is not supported: a write waits while the broker holds back, until it has"
                                + " said nothing for the read_timeout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl3.0", "tls1.0", "tls1.1", "tls1.2"})
    void nothingBelowTls12IsSpoken(String version) {
        assertThat(defaults.with("tls_min_version", version).tlsProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
    }

    @Test
    void optionsThatExcludeEachOtherAreRefused() {
        assertThatThrownBy(() ->
                        defaults.with("snappy", "true").with("deflate", "true").check())
                .hasMessage("snappy: true (expected: false, since deflate is true)");
        assertThatThrownBy(() -> defaults.with("tls_cert", "own.pem").check())
                .hasMessage("tls_cert: given without tls_key, or the other way round (expected: both)");
        assertThatThrownBy(() -> defaults.with("tls_key", "key.pem").check())
                .hasMessage("tls_cert: given without tls_key, or the other way round (expected: both)");
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> defaults.with("max_in_fright", "1"))
                .hasMessageStartingWith(
                        "invalid option max_in_fright (expected: one of [auth_secret, backoff_multiplier, ");
    }

    @Test
    void heartbeatsRarerThanTheReadTimeoutAreRefused() {
        var options = defaults.with("read_timeout", "1s");

        assertThatThrownBy(options::check)
                .hasMessage("heartbeat_interval: 30000ms (expected: at most read_timeout, 1000ms)");
    }
}
