package io.waystation.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The table of a program's options, and how Go reads them: `-x v`, `-x=v`, `--x v` and `--x=v` are equal, a boolean
/// takes
/// a value only with `=`, and reading stops at the first word that is no flag. Immutable.
public final class Options {
    /// The release of NSQ that the programs stand in for.
    public static final String NSQ_VERSION = "1.3.0";

    private static final Option<String> CONFIG = Option.string("config", "", "path of a configuration file (TOML)");

    private final String program;
    private final boolean daemon;
    private final List<Option<?>> options;
    private final Map<String, Option<?>> byName = new HashMap<>();

    private Options(String program, boolean daemon, List<Option<?>> options) {
        this.program = program;
        this.daemon = daemon;
        this.options = options;
        for (var option : options) {
            byName.put(option.name(), option);
            for (var alias : option.aliases()) {
                byName.put(alias, option);
            }
        }
    }

    /// The options of a daemon, which has a configuration file.
    public static Options of(String program, Option<?>... options) {
        var all = new ArrayList<>(List.of(options));
        all.add(CONFIG);
        return new Options(program, true, List.copyOf(all));
    }

    /// The options of a tool, which has none.
    public static Options ofTool(String program, Option<?>... options) {
        return new Options(program, false, List.of(options));
    }

    public List<Option<?>> all() {
        return options;
    }

    /// Reads a command line, and the configuration file that it names.
    public Settings parse(String... arguments) throws UsageException {
        var flags = readFlags(arguments);
        var settings = new Settings(options);
        for (var option : options) {
            settings.put(option, option.defaultText(), "default", 2);
        }
        for (var flag : flags.entrySet()) {
            settings.put(flag.getKey(), String.join(Option.SEPARATOR, flag.getValue()), "flag", 2);
        }
        if (daemon && settings.isGiven(CONFIG)) {
            readFile(Path.of(settings.get(CONFIG)), settings);
        }
        return settings;
    }

    private Map<Option<?>, List<String>> readFlags(String[] arguments) throws UsageException {
        var flags = new LinkedHashMap<Option<?>, List<String>>();
        for (int i = 0; i < arguments.length; i++) {
            var argument = arguments[i];
            if (argument.length() < 2 || argument.charAt(0) != '-' || argument.equals("--")) {
                break;
            }
            var flag = argument.substring(argument.startsWith("--") ? 2 : 1);
            int equals = flag.indexOf('=');
            var name = equals < 0 ? flag : flag.substring(0, equals);
            var option = option(name);
            String value;
            if (equals >= 0) {
                value = flag.substring(equals + 1);
            } else if (option.isBoolean()) {
                value = "true";
            } else if (i + 1 < arguments.length) {
                i++;
                value = arguments[i];
            } else {
                throw wrong("flag needs an argument: -" + name);
            }
            var values = flags.computeIfAbsent(option, first -> new ArrayList<>());
            if (!option.isList()) {
                values.clear();
            }
            values.add(value);
        }
        return flags;
    }

    private Option<?> option(String name) throws UsageException {
        if (name.equals("help") || name.equals("h")) {
            throw new UsageException(0, usage());
        }
        if (name.equals("version")) {
            throw new UsageException(0, version());
        }
        var option = byName.get(name);
        if (option == null) {
            var nearest = nearest(name);
            throw wrong("flag provided but not defined: -" + name
                    + (nearest == null ? "" : " (did you mean -" + nearest + "?)"));
        }
        return option;
    }

    public String version() {
        return program + " v" + NSQ_VERSION + " (built w/java"
                + Runtime.version().feature() + ")";
    }

    private UsageException wrong(String problem) {
        return new UsageException(2, problem + "\n" + usage());
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

    private void readFile(Path path, Settings settings) throws UsageException {
        var values = ConfigFile.read(path);
        for (var option : options) {
            var value = values.get(option.configKey());
            if (value == null || settings.isGiven(option)) {
                continue;
            }
            var text = String.join(Option.SEPARATOR, value);
            // NSQ's files may give durations as numbers of milliseconds.
            boolean millis = settings.get(option) instanceof Duration && text.matches("[0-9]+");
            settings.put(option, millis ? text + "ms" : text, "file", 1);
        }
    }

    private @Nullable String nearest(String name) {
        String best = null;
        int bestDistance = Math.max(2, name.length() / 3) + 1;
        for (var candidate : byName.keySet()) {
            int distance = distance(name, candidate);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return best;
    }

    /// Levenshtein's: insertions, deletions and replacements of one character.
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[b.length()];
    }

    /// What was given that has no effect, one line each, for the log.
    public static List<String> deprecations(Settings settings) {
        return settings.options().stream()
                .filter(option -> option.isIgnored() && settings.isGiven(option))
                .map(option -> option.name() + ": " + option.doc())
                .toList();
    }
}
