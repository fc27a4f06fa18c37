package io.waystation.daemon;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The effective value of every option of one run, and where each came from. Safe from any thread: values are immutable
/// and replaced as a whole in a concurrent map.
public final class Settings {
    private record Value(Object value, String text, String origin) {}

    private final List<Option<?>> options;
    private final Map<Option<?>, Value> values = new ConcurrentHashMap<>();

    Settings(List<Option<?>> options) {
        this.options = options;
    }

    void put(Option<?> option, String text, String origin, int exitCode) throws UsageException {
        Object value = option.parse(text, exitCode);
        values.put(option, new Value(value, text, origin));
    }

    private Value value(Option<?> option) {
        var value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException("not an option of this program: " + option.name());
        }
        return value;
    }

    @SuppressWarnings("unchecked") // put() parsed the value with this very option
    public <T> T get(Option<T> option) {
        return (T) value(option).value();
    }

    /// The value as it was written; those of a list with commas between them.
    public String text(Option<?> option) {
        return value(option).text().replace(Option.SEPARATOR, ",");
    }

    /// `flag`, `file`, `default` or `api`.
    public String origin(Option<?> option) {
        return value(option).origin();
    }

    public boolean isGiven(Option<?> option) {
        return !origin(option).equals("default");
    }

    /// Changes an option while the program runs.
    public void set(Option<?> option, String text) throws UsageException {
        if (!option.isDynamic()) {
            throw new UsageException(
                    1, option.name() + ": cannot be changed while the program runs (expected: a restart)");
        }
        put(option, text, "api", 1);
    }

    /// The value of an option that is an address to listen on, `host:port`.
    public InetSocketAddress address(Option<String> option) throws UsageException {
        var text = get(option);
        int colon = text.lastIndexOf(':');
        try {
            if (colon >= 0) {
                int port = Integer.parseInt(text.substring(colon + 1));
                var host = text.substring(0, colon);
                return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
            }
        } catch (IllegalArgumentException notAPort) {
            throw notAnAddress(option, text);
        }
        throw notAnAddress(option, text);
    }

    private static UsageException notAnAddress(Option<String> option, String text) {
        return new UsageException(1, option.name() + ": '" + text + "' (expected: host:port)");
    }

    public List<Option<?>> options() {
        return options;
    }
}
