package io.waystation.daemon;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The table of a program's options, and how Go reads them: `-x v`, `-x=v`, `--x v` and `--x=v` are equal, a boolean
/// takes a value only with `=`, and reading stops at the first word that is no flag. Immutable.
public final class Options {
    /// The release of NSQ that the programs stand in for.
    public static final String NSQ_VERSION = "1.3.0";

    private static final Option<String> CONFIG = Option.string("config", "", "path of a configuration file (TOML)");
    static final Option<String> LOG_FORMAT =
            Option.choice("log-format", "text", "form of the log's lines: text as NSQ's, or json", "text", "json");
    private static final Option<Boolean> VERSION = Option.bool("version", false, "print the version and end");

    private final String program;
    private final List<Option<?>> options;
    private final Map<String, Option<?>> byName = new LinkedHashMap<>();

    private Options(String program, List<Option<?>> options) {
        this.program = program;
        this.options = options;
        for (var option : options) {
            add(option.name(), option);
            for (var alias : option.aliases()) {
                add(alias, option);
            }
        }
    }

    private void add(String name, Option<?> option) {
        if (byName.put(name, option) != null) {
            throw new IllegalArgumentException(program + ": two options have the name " + name);
        }
    }

    /// The options of a daemon, which has a configuration file.
    public static Options of(String program, Option<?>... options) {
        var all = new ArrayList<>(List.of(options));
        all.add(LOG_FORMAT);
        all.add(CONFIG);
        all.add(VERSION);
        return new Options(program, List.copyOf(all));
    }

    /// The options of a tool, which has none.
    public static Options ofTool(String program, Option<?>... options) {
        var all = new ArrayList<>(List.of(options));
        all.add(VERSION);
        return new Options(program, List.copyOf(all));
    }

    public List<Option<?>> all() {
        return options;
    }

    String program() {
        return program;
    }

    /// Reads a command line, and the configuration file that it names. A flag wins over the file, the file over the
    /// default.
    public Settings parse(String... arguments) throws UsageException {
        var settings = new Settings(options);
        for (var option : options) {
            settings.put(option, option.isList() ? List.of() : List.of(option.defaultText()), "default", 2);
        }
        try {
            for (var flag : readFlags(arguments, settings).entrySet()) {
                settings.put(flag.getKey(), flag.getValue(), "flag", 2);
            }
        } catch (UsageException problem) {
            throw problem.exitCode() == 0
                    ? problem
                    : new UsageException(problem.exitCode(), problem.getMessage() + "\n" + usage());
        }
        if (settings.get(VERSION)) {
            throw new UsageException(0, version());
        }
        if (isDaemon() && settings.isGiven(CONFIG)) {
            readFile(settings.get(CONFIG), settings);
        }
        for (var option : options) {
            if (option.isIgnored() && settings.isGiven(option)) {
                settings.warn(option.name() + ": " + option.doc());
            }
        }
        return settings;
    }

    private Map<Option<?>, List<String>> readFlags(String[] arguments, Settings settings) throws UsageException {
        var flags = new LinkedHashMap<Option<?>, List<String>>();
        for (int i = 0; i < arguments.length && isFlag(arguments[i]); i++) {
            var flag = arguments[i].substring(arguments[i].startsWith("--") ? 2 : 1);
            int equals = flag.indexOf('=');
            var name = equals < 0 ? flag : flag.substring(0, equals);
            var option = option(name, arguments[i]);
            if (!name.equals(option.name())) {
                settings.warn(name + ": an old name (use " + option.name() + ")");
            }
            if (equals < 0 && !option.isBoolean() && i + 1 == arguments.length) {
                throw new UsageException(2, "flag needs an argument: -" + name);
            }
            String value;
            if (equals >= 0) {
                value = flag.substring(equals + 1);
            } else {
                value = option.isBoolean() ? "true" : arguments[++i];
            }
            flags.computeIfAbsent(option, first -> new ArrayList<>()).add(value);
        }
        return flags;
    }

    private static boolean isFlag(String argument) {
        return argument.length() > 1 && argument.charAt(0) == '-' && !argument.equals("--");
    }

    private Option<?> option(String name, String argument) throws UsageException {
        var option = byName.get(name);
        if (option != null) {
            return option;
        }
        if (name.equals("help") || name.equals("h")) {
            throw new UsageException(0, usage());
        }
        if (name.isEmpty() || name.charAt(0) == '-') {
            throw new UsageException(2, "bad flag syntax: " + argument);
        }
        throw new UsageException(2, "flag provided but not defined: -" + name + meant(name, byName.keySet(), "-"));
    }

    boolean isDaemon() {
        return options.contains(CONFIG);
    }

    /// As NSQ's programs print it: a daemon also says what it was built with.
    String version() {
        var release = program + " v" + NSQ_VERSION;
        return isDaemon() ? release + " (built w/java" + Runtime.version().feature() + ")" : release;
    }

    private String usage() {
        var text = new StringBuilder("Usage of " + program + ":");
        for (var option : options) {
            text.append("\n  -").append(option.name()).append(option.isBoolean() ? "" : " value");
            text.append("\n    \t").append(option.doc());
            if (!option.defaultText().isEmpty()) {
                text.append(" (default ").append(option.defaultText()).append(')');
            }
        }
        return text.toString();
    }

    private void readFile(String text, Settings settings) throws UsageException {
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException impossible) {
            throw new UsageException(1, "config: '" + text + "' (expected: the path of a file)");
        }
        var byKey = new LinkedHashMap<String, Option<?>>();
        options.forEach(option -> byKey.put(option.configKey(), option));
        for (var entry : ConfigFile.read(path).entrySet()) {
            var option = byKey.get(entry.getKey());
            if (option == null) {
                // NSQ's daemons ignore what they do not know, so files that carry more must load.
                settings.warn(
                        "config: no option has the key " + entry.getKey() + meant(entry.getKey(), byKey.keySet(), ""));
            } else if (!settings.isGiven(option)) {
                settings.put(option, texts(option, entry.getValue(), settings), "file", 1);
            }
        }
    }

    private static List<String> texts(Option<?> option, ConfigFile.Value value, Settings settings)
            throws UsageException {
        if (option.isList()) {
            return value.isArray() ? value.texts() : option.split(value.texts().getFirst());
        }
        if (value.isArray()) {
            throw new UsageException(
                    1, option.name() + ": " + value.texts() + " in the configuration file (expected: one value)");
        }
        var text = value.texts().getFirst();
        // NSQ's files may give durations as numbers of milliseconds.
        boolean millis = settings.get(option) instanceof Duration && value.isInteger();
        return List.of(millis ? text + "ms" : text);
    }

    private static String meant(String name, Collection<String> candidates, String prefix) {
        var nearest = nearest(name, candidates);
        return nearest == null ? "" : " (did you mean " + prefix + nearest + "?)";
    }

    private static @Nullable String nearest(String name, Collection<String> candidates) {
        String best = null;
        int bestDistance = Math.min(Math.max(2, name.length() / 3) + 1, name.length());
        for (var candidate : candidates) {
            int distance = distance(name, candidate);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return best;
    }

    /// Levenshtein's: insertions, deletions and replacements of one character.
    private static int distance(String source, String target) {
        var row = new int[target.length() + 1];
        for (int j = 0; j <= target.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= source.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= target.length(); j++) {
                int replaced = diagonal + (source.charAt(i - 1) == target.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[target.length()];
    }
}
