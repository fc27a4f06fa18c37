package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.waystation.daemon.Option;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Our options against the table of nsqd's, which is written down in `nsqd-flags.txt`.
class NsqdFlagsTest {
    /// Options that nsqd does not have; `config` and `version` are every daemon's.
    private static final Set<String> OURS = Set.of(
            "cluster-id",
            "loops",
            "min-free-bytes",
            "log-format",
            "flush",
            "retention",
            "retention-time",
            "retention-size",
            "deduplication-window",
            "max-age-per-file",
            "metrics-max-series",
            "max-topics",
            "max-topic-channels",
            "max-channels",
            "max-connections",
            "max-connection-memory",
            "config",
            "version");

    @TempDir
    Path directory;

    /// One flag of nsqd.
    ///
    /// @param key in the configuration file
    /// @param absent the default, as nsqd prints it
    /// @param hasEffect false for what makes no sense for a log
    record Flag(
            String name, String key, String absent, boolean hasEffect, List<String> accepted, List<String> refused) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Flag> flags() throws IOException {
        try (var table = NsqdFlagsTest.class.getResourceAsStream("/nsqd-flags.txt")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("#"))
                            .map(NsqdFlagsTest::flag)
                            .toList()
                            .stream();
        }
    }

    private static Flag flag(String line) {
        var columns = line.split("\\|", -1);
        var name = columns[0].strip();
        var key = columns[1].strip();
        // Every default but that of log-prefix stands without blanks.
        var absent = columns[2].strip().replace("_", name.equals("log-prefix") ? " " : "_");
        return new Flag(
                name,
                key.equals("=") ? name.replace('-', '_') : key,
                absent,
                !columns[3].strip().equals("none"),
                words(columns[4]),
                words(columns[5].replace("!", "")));
    }

    private static List<String> words(String column) {
        return Stream.of(column.strip().split(" +"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static Option<?> option(Flag flag) {
        return BrokerOptions.table().all().stream()
                .filter(option -> option.name().equals(flag.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no option " + flag.name()));
    }

    @Test
    void thereAreNsqdsFlagsAndOursAndNoOthers() throws IOException {
        var expected = new TreeSet<>(OURS);
        flags().forEach(flag -> expected.add(flag.name()));

        assertThat(BrokerOptions.table().all()).extracting(Option::name).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @MethodSource("flags")
    void keyAndDefaultAreNsqds(Flag flag) {
        assertThat(option(flag).configKey()).isEqualTo(flag.key());
        assertThat(option(flag).defaultText()).isEqualTo(flag.absent());
    }

    @ParameterizedTest
    @MethodSource("flags")
    void whatHasNoEffectSaysSo(Flag flag) {
        assertThat(option(flag).doc().startsWith("no effect: ")).isEqualTo(!flag.hasEffect());
    }

    @ParameterizedTest
    @MethodSource("flags")
    void valuesInItsRangeAreTakenFromFlagAndFile(Flag flag) throws IOException {
        for (var value : flag.accepted()) {
            assertThatCode(() -> BrokerOptions.table().parse("--" + flag.name() + "=" + value))
                    .as(value)
                    .doesNotThrowAnyException();
            var file = file(flag, value);
            assertThatCode(() -> BrokerOptions.table().parse("--config=" + file))
                    .as("%s = \"%s\"", flag.key(), value)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("flags")
    void valuesOutsideAreRefusedByName(Flag flag) throws IOException {
        for (var value : flag.refused()) {
            var byFlag = catchThrowableOfType(
                    UsageException.class, () -> BrokerOptions.table().parse("--" + flag.name() + "=" + value));
            var file = file(flag, value);
            var byFile = catchThrowableOfType(
                    UsageException.class, () -> BrokerOptions.table().parse("--config=" + file));

            assertThat(byFlag).as("--%s=%s", flag.name(), value).isNotNull();
            assertThat(byFlag.exitCode()).isEqualTo(2);
            assertThat(byFlag).hasMessageStartingWith(flag.name() + ": ").hasMessageContaining(value);
            assertThat(byFile).as("%s = \"%s\"", flag.key(), value).isNotNull();
            assertThat(byFile.exitCode()).isEqualTo(1);
        }
    }

    private Path file(Flag flag, String value) throws IOException {
        return Files.writeString(
                directory.resolve("nsqd.cfg"), flag.key() + " = \"" + value.replace("\\", "\\\\") + "\"\n");
    }

    @Test
    void everyValueIsToldUnderConfig() throws IOException, UsageException {
        try (var broker = new TestBroker(directory)) {
            for (var flag : flags().toList()) {
                // nsqd takes this flag and does not count it among its options.
                boolean told = !flag.key().equals("verbose");
                assertThat(broker.get("/config/" + flag.key()).status())
                        .as(flag.key())
                        .isEqualTo(told ? 200 : 400);
            }
        }
    }

    @Test
    void sharesAreKeptLargestFirstWhereverTheyCome() throws UsageException {
        var settings = BrokerOptions.table()
                .parse("--e2e-processing-latency-percentile=0.5,1.0", "--e2e-processing-latency-percentile=0.99");

        assertThat(settings.get(BrokerOptions.E2E_PROCESSING_LATENCY_PERCENTILE))
                .containsExactly(1.0, 0.99, 0.5);
    }

    @Test
    void anArrayOfSharesInTheFileIsTaken() throws IOException, UsageException {
        var file = Files.writeString(
                directory.resolve("nsqd.cfg"), "e2e_processing_latency_percentiles = [\n  1.0, 0.95\n]\n");

        var settings = BrokerOptions.table().parse("--config=" + file);

        assertThat(settings.get(BrokerOptions.E2E_PROCESSING_LATENCY_PERCENTILE))
                .containsExactly(1.0, 0.95);
    }

    @Test
    void aNodeIdBelowZeroStopsTheStart() {
        var refusal = catchThrowableOfType(UsageException.class, () -> new TestBroker(directory, "--node-id=-1"));

        assertThat(refusal).hasMessage("node-id: -1 (expected: 0..1023)");
        assertThat(refusal.exitCode()).isEqualTo(1);
    }
}
