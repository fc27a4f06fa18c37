package io.waystation.operator;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the operator was started with.
public record OperatorSettings(
        Set<String> namespaces,
        String brokerImage,
        Duration notice,
        Duration driftInterval,
        int healthPort,
        boolean leaderElection,
        Optional<String> leaseNamespace) {
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})(ms|s|m|h)");

    /// An option that is wrong; the message says what would be right.
    public static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    public static OperatorSettings parse(List<String> arguments, Map<String, String> environment)
            throws UsageException {
        var values = new EnumMap<OperatorOption, String>(OperatorOption.class);
        for (var option : OperatorOption.values()) {
            values.put(option, environment.getOrDefault(option.variable(), option.absent()));
        }
        for (int i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            int equals = argument.indexOf('=');
            var option = option(equals < 0 ? argument : argument.substring(0, equals));
            if (equals >= 0) {
                values.put(option, argument.substring(equals + 1));
            } else if (i + 1 < arguments.size()) {
                i++;
                values.put(option, arguments.get(i));
            } else {
                throw new UsageException(argument + " (expected: a value after it)");
            }
        }
        return of(values);
    }

    private static OperatorOption option(String flag) throws UsageException {
        for (var option : OperatorOption.values()) {
            if (option.flag().equals(flag)) {
                return option;
            }
        }
        throw new UsageException(flag + " (expected: one of "
                + Arrays.stream(OperatorOption.values())
                        .map(OperatorOption::flag)
                        .collect(Collectors.joining(", "))
                + ")");
    }

    private static OperatorSettings of(Map<OperatorOption, String> values) throws UsageException {
        var namespaces = new TreeSet<String>();
        for (var namespace : text(values, OperatorOption.NAMESPACES).split(",", -1)) {
            if (!namespace.isBlank()) {
                namespaces.add(namespace.strip());
            }
        }
        var image = text(values, OperatorOption.BROKER_IMAGE);
        if (image.isBlank()) {
            throw wrong(OperatorOption.BROKER_IMAGE, image, "an image");
        }
        var lease = text(values, OperatorOption.LEASE_NAMESPACE);
        return new OperatorSettings(
                namespaces,
                image,
                duration(values, OperatorOption.NOTICE),
                duration(values, OperatorOption.DRIFT_INTERVAL),
                port(values),
                flag(values),
                lease.isBlank() ? Optional.empty() : Optional.of(lease));
    }

    private static String text(Map<OperatorOption, String> values, OperatorOption option) {
        return values.getOrDefault(option, option.absent());
    }

    private static Duration duration(Map<OperatorOption, String> values, OperatorOption option) throws UsageException {
        var text = text(values, option);
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            throw wrong(option, text, "a duration such as 500ms, 30s, 2m or 1h");
        }
        long number = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static int port(Map<OperatorOption, String> values) throws UsageException {
        var text = text(values, OperatorOption.HEALTH_PORT);
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
            throw wrong(OperatorOption.HEALTH_PORT, text, "0..65535");
        }
        return Integer.parseInt(text);
    }

    private static boolean flag(Map<OperatorOption, String> values) throws UsageException {
        var text = text(values, OperatorOption.LEADER_ELECTION).toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong(OperatorOption.LEADER_ELECTION, text, "true or false");
        }
        return text.equals("true");
    }

    private static UsageException wrong(OperatorOption option, String value, String expected) {
        return new UsageException(option.flag() + ": '" + value + "' (expected: " + expected + ")");
    }
}
