package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.BrokerOptions;
import io.waystation.daemon.Option;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The table of flags that our options are held to, at the real nsqd: what is taken and refused there, by flag and by
/// file; and the forms of values that Go reads.
class NsqdOptionsIT {
    private static final Path TABLE = Command.ROOT.resolve("broker-image/broker/src/test/resources/nsqd-flags.txt");
    /// Flags of releases after 1.3.0.
    private static final Set<String> LATER = Set.of(
            "auth-http-request-method", "max-defer-timeout", "topology-region", "topology-zone", "enable-experiment");
    /// Their values only make sense together, or with files that are there.
    private static final Set<String> TLS =
            Set.of("tls-cert", "tls-key", "tls-root-ca-file", "tls-client-auth-policy", "tls-required");

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(5);

    private static final List<String> BOOLEANS = List.of(
            "1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False", "yes", "2", "tRUE");
    private static final List<String> DURATIONS = List.of(
            "1h2m3s",
            "1m30s",
            "+1s",
            "1.5s",
            ".5s",
            "1.s",
            "1000000us",
            "1000000\u00b5s",
            "1000000000ns",
            "1",
            "1d",
            "1 s",
            "s",
            "1S",
            "1s1");
    private static final List<String> NUMBERS = List.of(
            "+%1$d", "0x%1$x", "0X%1$X", "0%1$o", "0o%1$o", "%1$d.0", "%1$de0", "%1$d ", "0x", "", "1__0", "%1$dk");

    private static final List<String> FILES = List.of(
            "",
            "# nothing",
            "unknown = 1",
            "max_msg_size = 100",
            "max_msg_size = \"100\"",
            "max_msg_size = \"x\"",
            "max_msg_size = 100.5",
            "max_msg_size = true",
            "max_msg_size = [100]",
            "max-msg-size = 0.5",
            "msg_timeout = \"1m\"",
            "msg_timeout = \"60000\"",
            "msg_timeout = 60000",
            "msg_timeout = 1.5",
            "msg_timeout = \"soon\"",
            "snappy = false",
            "snappy = \"false\"",
            "snappy = \"yes\"",
            "snappy = 1",
            "snappy = 0",
            "statsd_prefix = 5",
            "statsd_prefix = true",
            "nsqlookupd_tcp_addresses = [\"127.0.0.2:1\", \"127.0.0.2:2\"]",
            "nsqlookupd_tcp_addresses = \"127.0.0.2:1,127.0.0.2:2\"",
            "nsqlookupd_tcp_addresses = []",
            "nsqlookupd_tcp_addresses = 1",
            "nsqlookupd_tcp_addresses = [1]",
            "e2e_processing_latency_percentiles = [1.0, 0.99]",
            "e2e_processing_latency_percentiles = \"0.5,0.99\"",
            "e2e_processing_latency_percentiles = [\"x\"]",
            "e2e_processing_latency_percentiles = 0.5",
            "log_level = \"debug\"",
            "log_level = \"loud\"",
            "log_level = 1",
            "tls_min_version = \"tls1.2\"",
            "tls_min_version = \"\"",
            "tls_min_version = 1.2",
            "tls_required = false",
            "tls_required = \"maybe\"",
            "id = 5",
            "id = \"5\"",
            "id = 1024",
            "verbose = \"x\"",
            "max_msg_size = 1\nmax_msg_size = 2",
            "max_msg_size =",
            "= 1",
            "[table]\nmax_msg_size = \"x\"",
            "max_msg_size 1");

    @TempDir
    Path directory;

    /// One line of the table.
    ///
    /// @param takenByNsqd of the refused values
    private record Flag(
            String name, String key, List<String> accepted, List<String> refused, Set<String> takenByNsqd) {}

    private static List<Flag> flags() throws IOException {
        return Files.readAllLines(TABLE, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(NsqdOptionsIT::flag)
                .filter(flag -> !LATER.contains(flag.name()))
                .toList();
    }

    private static Flag flag(String line) {
        var columns = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
        var name = columns.get(0);
        var refused = words(columns.get(5));
        var marked = refused.stream().filter(word -> word.endsWith("!")).map(NsqdOptionsIT::bare);
        return new Flag(
                name,
                columns.get(1).equals("=") ? name.replace('-', '_') : columns.get(1),
                words(columns.get(4)),
                refused.stream().map(NsqdOptionsIT::bare).toList(),
                Set.copyOf(marked.toList()));
    }

    private static List<String> words(String column) {
        return Stream.of(column.split(" +")).filter(word -> !word.isEmpty()).toList();
    }

    private static String bare(String word) {
        return word.endsWith("!") ? word.substring(0, word.length() - 1) : word;
    }

    /// Whether nsqd reads a flag; it looks at no value any further then.
    private boolean nsqdReads(String flag) throws IOException {
        try (var nsqd = Peers.start(directory, "nsqd", flag, "--version")) {
            Awaitility.await(flag).pollInterval(POLL).atMost(LIMIT).until(() -> !nsqd.isRunning());
            return nsqd.exitCode() == 0;
        }
    }

    /// Whether nsqd starts with a flag, or with a file; later flags win over earlier ones, and all flags over the file.
    private boolean nsqdStarts(String flag) throws IOException {
        var data = Files.createTempDirectory(directory, "d");
        var socket = data.resolve("http");
        try (var nsqd = Peers.start(
                data, "nsqd", "--tcp-address=127.0.0.1:0", "--http-address=" + socket, "--data-path=" + data, flag)) {
            Awaitility.await(flag)
                    .pollInterval(POLL)
                    .atMost(LIMIT)
                    .until(() -> !nsqd.isRunning() || Files.exists(socket));
            return nsqd.isRunning();
        }
    }

    private Path file(Flag flag, String value) throws IOException {
        return Files.writeString(directory.resolve("nsqd.cfg"), flag.key() + " = \"" + value + "\"\n");
    }

    private static boolean weRead(String flag) {
        try {
            BrokerOptions.table().parse(flag);
            return true;
        } catch (UsageException refused) {
            return false;
        }
    }

    @Test
    void nsqdTakesWhatTheTableTakes() throws IOException {
        for (var flag : flags()) {
            for (var value : flag.accepted()) {
                assertThat(nsqdReads("--" + flag.name() + "=" + value))
                        .as("--%s=%s", flag.name(), value)
                        .isTrue();
                if (!TLS.contains(flag.name())) {
                    assertThat(nsqdStarts("--config=" + file(flag, value)))
                            .as("%s = \"%s\"", flag.key(), value)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void nsqdRefusesWhatTheTableRefusesButForWhatIsMarked() throws IOException {
        for (var flag : flags()) {
            for (var value : flag.refused()) {
                assertThat(nsqdStarts("--" + flag.name() + "=" + value))
                        .as("--%s=%s", flag.name(), value)
                        .isEqualTo(flag.takenByNsqd().contains(value));
            }
        }
    }

    @Test
    void valuesHaveTheSameForms() throws IOException {
        var unlike = new ArrayList<String>();
        for (var flag : flags()) {
            for (var value : forms(flag)) {
                var word = "--" + flag.name() + "=" + value;
                if (nsqdReads(word) != weRead(word)) {
                    unlike.add(word + (weRead(word) ? " is read by us alone" : " is read by nsqd alone"));
                }
            }
        }

        assertThat(unlike).isEmpty();
    }

    @Test
    void filesAreReadAlike() throws IOException {
        var unlike = new ArrayList<String>();
        for (var text : FILES) {
            var flag = "--config=" + Files.writeString(directory.resolve("nsqd.cfg"), text + "\n");
            if (nsqdStarts(flag) != weRead(flag)) {
                unlike.add(text);
            }
        }

        // An address is checked when it is used, whatever it was in the file; a flag without effect still has its
        // values.
        assertThat(unlike).containsExactly("nsqlookupd_tcp_addresses = [1]", "verbose = \"x\"");
    }

    /// What to try besides the table: the forms of a flag's kind, with a number that it takes.
    private static List<String> forms(Flag flag) {
        if (flag.accepted().contains("true") && !TLS.contains(flag.name())) {
            return BOOLEANS;
        }
        var last = flag.accepted().getLast();
        if (last.matches("[1-9][0-9]*")) {
            return NUMBERS.stream()
                    .map(form -> String.format(form, Long.parseLong(last)))
                    .toList();
        }
        return defaultOf(flag).matches("[0-9]+(ms|s|m|h)") ? DURATIONS : List.of();
    }

    private static String defaultOf(Flag flag) {
        return BrokerOptions.table().all().stream()
                .filter(option -> option.name().equals(flag.name()))
                .findFirst()
                .map(Option::defaultText)
                .orElseThrow();
    }
}
