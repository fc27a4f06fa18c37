package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Flags as Go reads them.
class OptionsTest {
    private static final Option<String> ADDRESS = Option.string("tcp-address", "0.0.0.0:4150", "where to listen");
    private static final Option<List<String>> LOOKUPS = Option.strings("lookupd-tcp-address", "a lookup");
    private static final Option<Boolean> SNAPPY = Option.bool("snappy", true, "compress");
    private static final Option<Duration> TIMEOUT =
            Option.duration("msg-timeout", "60s", Duration.ofMillis(1), Duration.ofMinutes(15), "a time");
    private static final Option<Integer> COUNT =
            Option.integer("max-rdy-count", 2500, 1, 100_000, "a number").alias("max-ready");
    private static final Option<Integer> SIZE = Option.bytes("max-msg-size", 1024, 1, 1 << 30, "a size");
    private static final Option<String> LEVEL = Option.choice("log-level", "info", "a level", "debug", "info", "warn");
    private static final Options OPTIONS = Options.of(
            "nsqd",
            ADDRESS,
            LOOKUPS,
            SNAPPY,
            TIMEOUT,
            COUNT,
            SIZE,
            LEVEL,
            Option.bool("verbose", false, "no effect: see log-level").ignored());

    private static UsageException refusal(String... arguments) {
        return catchThrowableOfType(UsageException.class, () -> OPTIONS.parse(arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tcp-address=:1", "--tcp-address=:1", "-tcp-address :1", "--tcp-address :1"})
    void oneDashIsAsGoodAsTwoAndABlankAsAnEqualsSign(String line) throws UsageException {
        var settings = OPTIONS.parse(line.split(" "));

        assertThat(settings.get(ADDRESS)).isEqualTo(":1");
    }

    @Test
    void withoutFlagsDefaultsHold() throws UsageException {
        var settings = OPTIONS.parse();

        assertThat(settings.get(TIMEOUT)).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.get(LOOKUPS)).isEmpty();
        assertThat(settings.origin(TIMEOUT)).isEqualTo("default");
        assertThat(settings.isGiven(TIMEOUT)).isFalse();
    }

    @Test
    void theValueIsTheNextWordWhateverItLooksLike() throws UsageException {
        var settings = OPTIONS.parse("-tcp-address", "-snappy");

        assertThat(settings.get(ADDRESS)).isEqualTo("-snappy");
    }

    @Test
    void anEmptyValueIsAValue() throws UsageException {
        var settings = OPTIONS.parse("-tcp-address=");

        assertThat(settings.get(ADDRESS)).isEmpty();
    }

    @Test
    void aValueMayHaveEqualsSigns() throws UsageException {
        var settings = OPTIONS.parse("-tcp-address=a=b");

        assertThat(settings.get(ADDRESS)).isEqualTo("a=b");
    }

    @Test
    void theLastOfSeveralWins() throws UsageException {
        var settings = OPTIONS.parse("-tcp-address=a", "-tcp-address=b");

        assertThat(settings.get(ADDRESS)).isEqualTo("b");
    }

    @Test
    void aRepeatableFlagTakesOneValueEachWithItsCommas() throws UsageException {
        var settings = OPTIONS.parse("-lookupd-tcp-address=a:1,b:2", "--lookupd-tcp-address", "c:3");

        assertThat(settings.get(LOOKUPS)).containsExactly("a:1,b:2", "c:3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "t", "T", "true", "TRUE", "True"})
    void aBooleanTakesGosWordsForTrue(String word) throws UsageException {
        var settings = OPTIONS.parse("-snappy=false", "--snappy=" + word);

        assertThat(settings.get(SNAPPY)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "f", "F", "false", "FALSE", "False"})
    void aBooleanTakesGosWordsForFalse(String word) throws UsageException {
        var settings = OPTIONS.parse("-snappy=" + word);

        assertThat(settings.get(SNAPPY)).isFalse();
    }

    @Test
    void aBareBooleanIsTrueAndTakesNoWord() throws UsageException {
        var settings = OPTIONS.parse("-snappy", "false", "-tcp-address=unread");

        assertThat(settings.get(SNAPPY)).isTrue();
        assertThat(settings.get(ADDRESS)).isEqualTo("0.0.0.0:4150");
    }

    @ParameterizedTest
    @ValueSource(strings = {"word", "-", "--"})
    void readingStopsAtTheFirstWordThatIsNoFlag(String word) throws UsageException {
        var settings = OPTIONS.parse("-tcp-address=read", word, "-tcp-address=unread");

        assertThat(settings.get(ADDRESS)).isEqualTo("read");
    }

    @Test
    void anUnknownFlagEndsWithTwoAndTheNearestName() {
        var refusal = refusal("--max-msg-sise=1");

        assertThat(refusal.exitCode()).isEqualTo(2);
        assertThat(refusal)
                .hasMessageStartingWith(
                        "flag provided but not defined: -max-msg-sise (did you mean -max-msg-size?)\nUsage of nsqd:\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"something-else-entirely", "x"})
    void aFlagUnlikeAnyOtherGetsNoSuggestion(String name) {
        var refusal = refusal("--" + name);

        assertThat(refusal).hasMessageStartingWith("flag provided but not defined: -" + name + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"---tcp-address=a", "-=a", "--=a"})
    void aFlagWithoutANameIsRefused(String flag) {
        var refusal = refusal(flag);

        assertThat(refusal.exitCode()).isEqualTo(2);
        assertThat(refusal).hasMessageStartingWith("bad flag syntax: " + flag);
    }

    @Test
    void aFlagWithoutItsValueIsRefused() {
        var refusal = refusal("-snappy", "-tcp-address");

        assertThat(refusal.exitCode()).isEqualTo(2);
        assertThat(refusal).hasMessageStartingWith("flag needs an argument: -tcp-address");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "-snappy=yes | snappy: 'yes' (expected: true or false)",
                "-msg-timeout=1 | msg-timeout: '1' (expected: a duration such as 300ms or 1m30s)",
                "-msg-timeout=16m | msg-timeout: 16m (expected: 1ms..15m)",
                "-msg-timeout=-1s | msg-timeout: -1s (expected: 1ms..15m)",
                "-max-rdy-count=many | max-rdy-count: 'many' (expected: a number 1..100000)",
                "-max-rdy-count=0 | max-rdy-count: 0 (expected: 1..100000)",
                "-max-rdy-count=99999999999999999999 | max-rdy-count: 99999999999999999999 (expected: 1..100000)",
                "-max-rdy-count=1Ki | max-rdy-count: '1Ki' (expected: a number 1..100000)",
                "-max-msg-size=2Gi | max-msg-size: 2Gi (expected: 1..1073741824 bytes)",
                "-max-msg-size=1M | max-msg-size: '1M' (expected: a number of bytes 1..1073741824, or such as 1Mi)",
                "-log-level=loud | log-level: 'loud' (expected: debug, info, warn)"
            })
    void aBadValueEndsWithTwoWhatWasWrongAndTheUsage(String flag, String problem) {
        var refusal = refusal(flag);

        assertThat(refusal.exitCode()).isEqualTo(2);
        assertThat(refusal).hasMessageStartingWith(problem + "\nUsage of nsqd:\n");
    }

    @Test
    void numbersAndSizesTakeTheirForms() throws UsageException {
        var settings = OPTIONS.parse("-max-rdy-count=0x10", "-max-msg-size=1Mi");

        assertThat(settings.get(COUNT)).isEqualTo(16);
        assertThat(settings.get(SIZE)).isEqualTo(1 << 20);
        assertThat(settings.text(SIZE)).isEqualTo("1Mi");
    }

    @Test
    void aChoiceIsTakenInAnyCase() throws UsageException {
        var settings = OPTIONS.parse("-log-level=WARN");

        assertThat(settings.get(LEVEL)).isEqualTo("warn");
    }

    @Test
    void anOldNameWorksAndIsWarnedOf() throws UsageException {
        var settings = OPTIONS.parse("-max-ready=7");

        assertThat(settings.get(COUNT)).isEqualTo(7);
        assertThat(settings.warnings()).containsExactly("max-ready: an old name (use max-rdy-count)");
    }

    @Test
    void anOptionWithoutEffectIsWarnedOf() throws UsageException {
        var settings = OPTIONS.parse("-verbose");

        assertThat(settings.warnings()).containsExactly("verbose: no effect: see log-level");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help"})
    void helpIsTheUsageAndEndsWithZero(String flag) {
        var refusal = refusal(flag);

        assertThat(refusal.exitCode()).isZero();
        assertThat(refusal)
                .hasMessageContaining("\n  -msg-timeout value\n    \ta time (default 60s)")
                .hasMessageContaining("\n  -snappy\n    \tcompress (default true)");
    }

    @Test
    void aDaemonsVersionSaysWhatItWasBuiltWith() {
        var refusal = refusal("--version");

        assertThat(refusal.exitCode()).isZero();
        assertThat(refusal).hasMessageMatching("nsqd v1\\.3\\.0 \\(built w/java\\d+\\)");
    }

    @Test
    void aToolsVersionIsItsNameAndRelease() {
        var tool = Options.ofTool("nsq_tail", ADDRESS);

        assertThatThrownBy(() -> tool.parse("--version")).hasMessage("nsq_tail v1.3.0");
    }

    @Test
    void aToolHasNoConfigurationFile() {
        var tool = Options.ofTool("nsq_tail", ADDRESS);

        assertThatThrownBy(() -> tool.parse("--config=x")).hasMessageStartingWith("flag provided but not defined");
    }

    @Test
    void twoOptionsOfOneNameAreABug() {
        assertThatThrownBy(() -> Options.of("nsqd", ADDRESS, ADDRESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nsqd: two options have the name tcp-address");
    }
}
