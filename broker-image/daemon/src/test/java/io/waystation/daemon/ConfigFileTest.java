package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The configuration file, and which of flag, file and default holds.
class ConfigFileTest {
    private static final Option<String> PREFIX = Option.string("log-prefix", "[nsqd] ", "begins each line");
    private static final Option<String> ADDRESS = Option.string("tcp-address", "0.0.0.0:4150", "where to listen");
    private static final Option<List<String>> LOOKUPS =
            Option.strings("lookupd-tcp-address", "a lookup").key("nsqlookupd_tcp_addresses");
    private static final Option<List<String>> PAIRS = Option.texts("pair", "name,value");
    private static final Option<Duration> TIMEOUT = Option.duration("msg-timeout", "60s", "a time");
    private static final Option<Integer> COUNT = Option.integer("max-rdy-count", 2500, 1, 100_000, "a number");
    private static final Option<Boolean> SNAPPY = Option.bool("snappy", true, "compress");
    private static final Options OPTIONS = Options.of("nsqd", PREFIX, ADDRESS, LOOKUPS, PAIRS, TIMEOUT, COUNT, SNAPPY);

    @TempDir
    private Path folder;

    private Settings parse(String file, String... flags) throws UsageException, IOException {
        var path = Files.writeString(folder.resolve("nsqd.cfg"), file);
        var arguments = new ArrayList<>(List.of(flags));
        arguments.add("--config=" + path);
        return OPTIONS.parse(arguments.toArray(String[]::new));
    }

    private UsageException refusal(String file) {
        return catchThrowableOfType(UsageException.class, () -> parse(file));
    }

    @Test
    void everyKindOfValueIsRead() throws UsageException, IOException {
        var settings = parse("""
            ## a comment
            log_prefix = '[a] ' # another
            tcp_address = "host:1"
            nsqlookupd_tcp_addresses = [
                "a:1", # the first
                "b:2",
            ]
            msg_timeout = "1m30s"
            max_rdy_count = 1_000
            snappy = false
            """);

        assertThat(settings.get(PREFIX)).isEqualTo("[a] ");
        assertThat(settings.get(ADDRESS)).isEqualTo("host:1");
        assertThat(settings.get(LOOKUPS)).containsExactly("a:1", "b:2");
        assertThat(settings.get(TIMEOUT)).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.get(COUNT)).isEqualTo(1000);
        assertThat(settings.get(SNAPPY)).isFalse();
        assertThat(settings.origin(SNAPPY)).isEqualTo("file");
    }

    @Test
    void linesAfterAStringWithABracketAreRead() throws UsageException, IOException {
        var settings = parse("log_prefix = \"[x] \"\ntcp_address = \"host:1\"\n");

        assertThat(settings.get(PREFIX)).isEqualTo("[x] ");
        assertThat(settings.get(ADDRESS)).isEqualTo("host:1");
    }

    @Test
    void stringsHaveTomlsEscapes() throws UsageException, IOException {
        var settings = parse("log_prefix = \"a\\tb\\u0021 # no comment\"\n");

        assertThat(settings.get(PREFIX)).isEqualTo("a\tb! # no comment");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"a:1\",\"b:2\"]", "\"a:1,b:2\"", "\"a:1, b:2\""})
    void aListIsAnArrayOrHasCommas(String value) throws UsageException, IOException {
        var settings = parse("nsqlookupd_tcp_addresses = " + value + "\n");

        assertThat(settings.get(LOOKUPS)).containsExactly("a:1", "b:2");
        assertThat(settings.text(LOOKUPS)).isEqualTo("a:1,b:2");
    }

    @Test
    void anElementOfAnArrayKeepsItsCommas() throws UsageException, IOException {
        var settings = parse("nsqlookupd_tcp_addresses = [\"a:1,b:2\"]\npair = \"name,value\"\n");

        assertThat(settings.get(LOOKUPS)).containsExactly("a:1,b:2");
        assertThat(settings.get(PAIRS)).containsExactly("name,value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"\""})
    void anEmptyListIsNothing(String value) throws UsageException, IOException {
        var settings = parse("nsqlookupd_tcp_addresses = " + value + "\n");

        assertThat(settings.get(LOOKUPS)).isEmpty();
    }

    @Test
    void aDurationWithoutAUnitIsInMilliseconds() throws UsageException, IOException {
        var settings = parse("msg_timeout = 1500\n");

        assertThat(settings.get(TIMEOUT)).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void aDurationInQuotesNeedsAUnit() {
        assertThatThrownBy(() -> parse("msg_timeout = \"1500\"\n"))
                .hasMessage("msg-timeout: '1500' (expected: a duration such as 300ms or 1m30s)");
    }

    @Test
    void aFlagWinsOverTheFile() throws UsageException, IOException {
        var settings = parse("tcp_address = \"file:1\"\nmax_rdy_count = 5\n", "--tcp-address=flag:1");

        assertThat(settings.get(ADDRESS)).isEqualTo("flag:1");
        assertThat(settings.origin(ADDRESS)).isEqualTo("flag");
        assertThat(settings.get(COUNT)).isEqualTo(5);
    }

    @Test
    void aFlagThatGivesTheDefaultWinsOverTheFileToo() throws UsageException, IOException {
        var settings = parse("tcp_address = \"file:1\"\n", "--tcp-address=0.0.0.0:4150");

        assertThat(settings.get(ADDRESS)).isEqualTo("0.0.0.0:4150");
    }

    @Test
    void anUnknownKeyIsLeftOutAndWarnedOf() throws UsageException, IOException {
        var settings = parse("max_rdy_cuont = 5\n[table]\ntcp_address = \"other:1\"\n");

        assertThat(settings.get(COUNT)).isEqualTo(2500);
        assertThat(settings.get(ADDRESS)).isEqualTo("0.0.0.0:4150");
        assertThat(settings.warnings())
                .containsExactly("config: no option has the key max_rdy_cuont (did you mean max_rdy_count?)");
    }

    @Test
    void aBadValueStopsTheStart() {
        var refusal = refusal("max_rdy_count = 0\n");

        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal).hasMessage("max-rdy-count: 0 (expected: 1..100000)");
    }

    @Test
    void anArrayForOneValueIsRefused() {
        var refusal = refusal("tcp_address = [\"a:1\", \"b:2\"]\n");

        assertThat(refusal).hasMessage("tcp-address: [a:1, b:2] in the configuration file (expected: one value)");
    }

    @Test
    void anArrayInAnArrayIsRefused() {
        var refusal = refusal("nsqlookupd_tcp_addresses = [[\"a:1\"]]\n");

        assertThat(refusal)
                .hasMessageEndingWith(
                        "nsqd.cfg: nsqlookupd_tcp_addresses: an array in an array" + " (expected: strings or numbers)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "snappy = true\ntcp_address = host:1\n",
                "snappy = true\ntcp_address\n",
                "snappy = true\ntcp_address = \"host\n",
                "snappy = true\ntcp_address = [\"host\"\n",
                "snappy = true\nsnappy = false\n"
            })
    void whatIsNotTomlIsRefusedWithItsPlace(String file) {
        var refusal = refusal(file);

        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal)
                .hasMessageMatching("(?s)config: " + folder + "/nsqd.cfg line [1-3]: .* \\(expected: TOML\\)");
    }

    @Test
    void aFileThatIsNotThereStopsTheStart() {
        var absent = folder.resolve("absent.cfg");

        var refusal = catchThrowableOfType(UsageException.class, () -> OPTIONS.parse("--config=" + absent));

        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal).hasMessage("config: " + absent + ": no such file");
    }

    @Test
    void aFolderIsNoFile() {
        var refusal = catchThrowableOfType(UsageException.class, () -> OPTIONS.parse("--config=" + folder));

        assertThat(refusal).hasMessageStartingWith("config: " + folder + ": cannot be read: ");
    }

    @Test
    void binaryIsNoText() throws IOException {
        var path = Files.write(folder.resolve("binary.cfg"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        var refusal = catchThrowableOfType(UsageException.class, () -> OPTIONS.parse("--config=" + path));

        assertThat(refusal).hasMessage("config: " + path + ": not text (expected: TOML in UTF-8)");
    }
}
