package io.waystation.daemon;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One option of a program: its flag, its key in the configuration file, its default, what it means. Immutable.
public final class Option<T> {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    /// Reads a value; the exception's text says what was wrong and what would be right.
    @FunctionalInterface
    private interface Parser<T> {
        T parse(String text) throws UsageException;
    }

    private enum Kind {
        SINGLE,
        BOOLEAN,
        /// One value a flag; file and API may give several in one text, between commas.
        COMMA_LIST,
        /// One value a flag, in the file one an element.
        LIST,
        /// Flags and elements, each of which may hold several between commas, are read as one.
        JOINED
    }

    /// What an option has beside its value.
    private record Traits(String configKey, boolean dynamic, boolean ignored, List<String> aliases) {}

    private final String name;
    private final String defaultText;
    private final String doc;
    private final Kind kind;
    private final Parser<T> parser;
    private final Traits traits;

    private Option(String name, String defaultText, String doc, Kind kind, Parser<T> parser, Traits traits) {
        this.name = name;
        this.defaultText = defaultText;
        this.doc = doc;
        this.kind = kind;
        this.parser = parser;
        this.traits = traits;
    }

    private static <T> Option<T> of(String name, String defaultText, String doc, Kind kind, Parser<T> parser) {
        return new Option<>(
                name, defaultText, doc, kind, parser, new Traits(name.replace('-', '_'), false, false, List.of()));
    }

    public static Option<String> string(String name, String defaultText, String doc) {
        return of(name, defaultText, doc, Kind.SINGLE, text -> text);
    }

    /// May be given several times; nothing by default. In file and API a text may hold several, between commas.
    public static Option<List<String>> strings(String name, String doc) {
        return of(name, "", doc, Kind.COMMA_LIST, text -> List.of(text));
    }

    /// Like [#strings], for values that have commas of their own.
    public static Option<List<String>> texts(String name, String doc) {
        return of(name, "", doc, Kind.LIST, text -> List.of(text));
    }

    /// Numbers above 0 and up to 1, given several times or between commas; the largest first, as NSQ keeps them.
    public static Option<List<Double>> shares(String name, String doc) {
        return of(name, "", doc, Kind.JOINED, Option::shares);
    }

    private static List<Double> shares(String text) throws UsageException {
        var shares = new ArrayList<Double>();
        for (var part : text.split(",", -1)) {
            if (!part.isBlank()) {
                shares.add(share(part.strip()));
            }
        }
        shares.sort(Comparator.reverseOrder());
        return List.copyOf(shares);
    }

    private static double share(String text) throws UsageException {
        try {
            double share = Double.parseDouble(text);
            if (share > 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException notANumber) {
            throw new UsageException(2, "'" + text + "' (expected: numbers above 0 and up to 1)");
        }
        throw new UsageException(2, text + " (expected: above 0 and up to 1)");
    }

    public static Option<Duration> duration(String name, String defaultText, String doc) {
        return of(name, defaultText, doc, Kind.SINGLE, GoDuration::parse);
    }

    /// A duration within bounds, both of them allowed.
    public static Option<Duration> duration(
            String name, String defaultText, Duration least, Duration most, String doc) {
        return of(name, defaultText, doc, Kind.SINGLE, text -> {
            var duration = GoDuration.parse(text);
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new UsageException(
                        2, text + " (expected: " + GoDuration.format(least) + ".." + GoDuration.format(most) + ")");
            }
            return duration;
        });
    }

    public static Option<Integer> integer(String name, int absent, int least, int most, String doc) {
        return of(name, Integer.toString(absent), doc, Kind.SINGLE, text -> (int) number(text, least, most));
    }

    public static Option<Long> number(String name, long absent, long least, long most, String doc) {
        return of(name, Long.toString(absent), doc, Kind.SINGLE, text -> number(text, least, most));
    }

    /// A number of bytes, which may be written with a unit: `1Mi`.
    public static Option<Integer> bytes(String name, int absent, int least, int most, String doc) {
        return of(name, Integer.toString(absent), doc, Kind.SINGLE, text -> (int) size(text, least, most));
    }

    private static long number(String text, long least, long most) throws UsageException {
        try {
            return within(GoNumber.parse(text), text, least, most, "");
        } catch (NumberFormatException notANumber) {
            throw new UsageException(2, "'" + text + "' (expected: a number " + least + ".." + most + ")");
        }
    }

    private static long size(String text, long least, long most) throws UsageException {
        try {
            return within(GoNumber.parseSize(text), text, least, most, " bytes");
        } catch (NumberFormatException notASize) {
            throw new UsageException(
                    2, "'" + text + "' (expected: a number of bytes " + least + ".." + most + ", or such as 1Mi)");
        }
    }

    private static long within(BigInteger value, String text, long least, long most, String unit)
            throws UsageException {
        if (value.compareTo(BigInteger.valueOf(least)) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new UsageException(2, text + " (expected: " + least + ".." + most + unit + ")");
        }
        return value.longValueExact();
    }

    public static Option<Boolean> bool(String name, boolean absent, String doc) {
        return of(name, Boolean.toString(absent), doc, Kind.BOOLEAN, text -> {
            if (!TRUE.contains(text) && !FALSE.contains(text)) {
                throw new UsageException(2, "'" + text + "' (expected: true or false)");
            }
            return TRUE.contains(text);
        });
    }

    /// One of some words, in any case.
    public static Option<String> choice(String name, String defaultText, String doc, String... words) {
        return of(
                name,
                defaultText,
                doc,
                Kind.SINGLE,
                text -> Arrays.stream(words)
                        .filter(word -> word.equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(() ->
                                new UsageException(2, "'" + text + "' (expected: " + String.join(", ", words) + ")")));
    }

    /// A boolean with a third value: TLS has to be used by clients only.
    public static Option<TlsRequired> tlsRequired(String name, String doc) {
        return of(name, "false", doc, Kind.BOOLEAN, text -> {
            if (text.equalsIgnoreCase("tcp-https")) {
                return TlsRequired.TCP_HTTPS;
            }
            if (!TRUE.contains(text) && !FALSE.contains(text)) {
                throw new UsageException(2, "'" + text + "' (expected: true, false or tcp-https)");
            }
            return TRUE.contains(text) ? TlsRequired.YES : TlsRequired.NO;
        });
    }

    public static Option<TlsVersion> tlsVersion(String name, String defaultText, String doc) {
        return of(name, defaultText, doc, Kind.SINGLE, text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "", "tls1.0" -> TlsVersion.TLS1_0;
            case "tls1.1" -> TlsVersion.TLS1_1;
            case "tls1.2" -> TlsVersion.TLS1_2;
            case "tls1.3" -> TlsVersion.TLS1_3;
            default -> throw new UsageException(2, "'" + text + "' (expected: tls1.0, tls1.1, tls1.2 or tls1.3)");
        });
    }

    private Option<T> with(Traits changed) {
        return new Option<>(name, defaultText, doc, kind, parser, changed);
    }

    /// The same option under another key in the configuration file.
    public Option<T> key(String key) {
        return with(new Traits(key, traits.dynamic, traits.ignored, traits.aliases));
    }

    /// The same option, changeable while the program runs.
    public Option<T> dynamic() {
        return with(new Traits(traits.configKey, true, traits.ignored, traits.aliases));
    }

    /// The same option, accepted and without effect.
    public Option<T> ignored() {
        return with(new Traits(traits.configKey, traits.dynamic, true, traits.aliases));
    }

    /// The same option, known under an older name as well.
    public Option<T> alias(String... older) {
        return with(new Traits(traits.configKey, traits.dynamic, traits.ignored, List.of(older)));
    }

    public String name() {
        return name;
    }

    public String configKey() {
        return traits.configKey;
    }

    public String defaultText() {
        return defaultText;
    }

    public String doc() {
        return doc;
    }

    public boolean isDynamic() {
        return traits.dynamic;
    }

    boolean isIgnored() {
        return traits.ignored;
    }

    boolean isBoolean() {
        return kind == Kind.BOOLEAN;
    }

    boolean isList() {
        return kind == Kind.LIST || kind == Kind.COMMA_LIST || kind == Kind.JOINED;
    }

    List<String> aliases() {
        return traits.aliases;
    }

    /// Whether the text is a value; throws what is wrong with it.
    public void check(String text) throws UsageException {
        parse(split(text), 1);
    }

    /// The values that one text of file or API holds.
    List<String> split(String text) {
        if (!isList()) {
            return List.of(text);
        }
        if (text.isBlank()) {
            return List.of();
        }
        return kind != Kind.COMMA_LIST
                ? List.of(text)
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    /// Reads the values given: a list takes all, anything else the last.
    Object parse(List<String> texts, int exitCode) throws UsageException {
        if (kind == Kind.LIST || kind == Kind.COMMA_LIST) {
            return List.copyOf(texts);
        }
        try {
            return parser.parse(kind == Kind.JOINED ? String.join(",", texts) : texts.getLast());
        } catch (UsageException problem) {
            throw new UsageException(exitCode, name + ": " + problem.getMessage());
        }
    }
}
