package io.waystation.daemon;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// One option of a program: its flag, its key in the configuration file, its default, what it means. Immutable.
public final class Option<T> {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    /// Reads a value; the exception's text says what was wrong and what would be right.
    @FunctionalInterface
    interface Parser<T> {
        T parse(String text) throws UsageException;
    }

    /// Stands between the values of an option that was given several times.
    static final String SEPARATOR = "\n";

    private enum Kind {
        SINGLE,
        BOOLEAN,
        LIST
    }

    private final String name;
    private final String configKey;
    private final String defaultText;
    private final String doc;
    private final Kind kind;
    private final Parser<T> parser;
    private final boolean dynamic;
    private final boolean ignored;
    private final List<String> aliases;

    private Option(
            String name,
            String configKey,
            String defaultText,
            String doc,
            Kind kind,
            Parser<T> parser,
            boolean dynamic,
            boolean ignored,
            List<String> aliases) {
        this.name = name;
        this.configKey = configKey;
        this.defaultText = defaultText;
        this.doc = doc;
        this.kind = kind;
        this.parser = parser;
        this.dynamic = dynamic;
        this.ignored = ignored;
        this.aliases = aliases;
    }

    private static <T> Option<T> of(String name, String defaultText, String doc, Kind kind, Parser<T> parser) {
        return new Option<>(name, name.replace('-', '_'), defaultText, doc, kind, parser, false, false, List.of());
    }

    public static Option<String> string(String name, String defaultText, String doc) {
        return of(name, defaultText, doc, Kind.SINGLE, text -> text);
    }

    /// May be given several times; nothing by default.
    public static Option<List<String>> strings(String name, String doc) {
        return of(
                name,
                "",
                doc,
                Kind.LIST,
                text -> text.isEmpty() ? List.of() : List.of(text.split("[," + SEPARATOR + "]", -1)));
    }

    /// Like [#strings], for values that have commas of their own.
    public static Option<List<String>> texts(String name, String doc) {
        return of(name, "", doc, Kind.LIST, text -> text.isEmpty() ? List.of() : List.of(text.split(SEPARATOR, -1)));
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

    private static long number(String text, long least, long most) throws UsageException {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            throw new UsageException(2, "'" + text + "' (expected: a number " + least + ".." + most + ")");
        }
        throw new UsageException(2, text + " (expected: " + least + ".." + most + ")");
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

    /// The same option under another key in the configuration file.
    public Option<T> key(String key) {
        return new Option<>(name, key, defaultText, doc, kind, parser, dynamic, ignored, aliases);
    }

    /// The same option, changeable while the program runs.
    public Option<T> dynamic() {
        return new Option<>(name, configKey, defaultText, doc, kind, parser, true, ignored, aliases);
    }

    /// The same option, accepted and without effect.
    public Option<T> ignored() {
        return new Option<>(name, configKey, defaultText, doc, kind, parser, dynamic, true, aliases);
    }

    /// The same option, known under an older name as well.
    public Option<T> alias(String... older) {
        return new Option<>(name, configKey, defaultText, doc, kind, parser, dynamic, ignored, List.of(older));
    }

    public String name() {
        return name;
    }

    public String configKey() {
        return configKey;
    }

    public String defaultText() {
        return defaultText;
    }

    public String doc() {
        return doc;
    }

    public boolean isDynamic() {
        return dynamic;
    }

    boolean isIgnored() {
        return ignored;
    }

    boolean isBoolean() {
        return kind == Kind.BOOLEAN;
    }

    boolean isList() {
        return kind == Kind.LIST;
    }

    List<String> aliases() {
        return aliases;
    }

    /// Whether the text is a value; throws what is wrong with it.
    public void check(String text) throws UsageException {
        parse(text, 1);
    }

    T parse(String text, int exitCode) throws UsageException {
        try {
            return parser.parse(text);
        } catch (UsageException problem) {
            throw new UsageException(exitCode, name + ": " + problem.getMessage());
        }
    }
}
