package io.waystation.daemon;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The effective value of every option of one run, and where each came from. Safe from any thread: values are immutable
/// and replaced as a whole in a concurrent map.
public final class Settings {
    private static final int MAX_PORT = 65535;

    private record Value(Object value, List<String> texts, String origin) {}

    private final List<Option<?>> options;
    private final Map<Option<?>, Value> values = new ConcurrentHashMap<>();
    private final List<String> warnings = new ArrayList<>();

    Settings(List<Option<?>> options) {
        this.options = options;
    }

    void put(Option<?> option, List<String> texts, String origin, int exitCode) throws UsageException {
        values.put(option, new Value(option.parse(texts, exitCode), texts, origin));
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    /// What was given that is old, has no effect or is not known; one line each, for the log.
    List<String> warnings() {
        return warnings;
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
        return String.join(",", value(option).texts());
    }

    /// `flag`, `file`, `default` or `api`.
    public String origin(Option<?> option) {
        return value(option).origin();
    }

    public boolean isGiven(Option<?> option) {
        return !origin(option).equals("default");
    }

    /// What options have to say together.
    public interface Rule {
        void check(Settings settings) throws UsageException;
    }

    /// Refuses changes that the rule does not take; makes none.
    public void check(Map<Option<?>, String> changes, Rule rule) throws UsageException {
        var changed = new Settings(options);
        changed.values.putAll(values);
        for (var change : changes.entrySet()) {
            changed.set(change.getKey(), change.getValue());
        }
        rule.check(changed);
    }

    /// Changes an option while the program runs.
    public void set(Option<?> option, String text) throws UsageException {
        if (!option.isDynamic()) {
            throw new UsageException(
                    1, option.name() + ": cannot be changed while the program runs (expected: a restart)");
        }
        put(option, option.split(text), "api", 1);
    }

    /// The value of an option that is an address to listen on: `host:port`, `[host]:port` or `:port`.
    public InetSocketAddress address(Option<String> option) throws UsageException {
        var text = get(option);
        int colon = text.lastIndexOf(':');
        var host = text.substring(0, Math.max(0, colon));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (colon < 0 || (host.contains(":") && !bracketed)) {
            throw new UsageException(1, option.name() + ": '" + text + "' (expected: host:port)");
        }
        int port = port(option, text, text.substring(colon + 1));
        if (host.isEmpty()) {
            return new InetSocketAddress(port);
        }
        var address = new InetSocketAddress(bracketed ? host.substring(1, host.length() - 1) : host, port);
        if (address.isUnresolved()) {
            throw new UsageException(
                    1, option.name() + ": '" + text + "': unknown host " + host + " (expected: a local address)");
        }
        return address;
    }

    /// The value of an option that is an address to listen on, `host:port`, or the path of a unix socket.
    public SocketAddress listenAddress(Option<String> option) throws UsageException {
        var text = get(option);
        return text.indexOf(':') < 0 && !text.isEmpty() ? UnixDomainSocketAddress.of(text) : address(option);
    }

    private static int port(Option<String> option, String text, String digits) throws UsageException {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            throw notAPort(option, text);
        }
        throw notAPort(option, text);
    }

    private static UsageException notAPort(Option<String> option, String text) {
        return new UsageException(1, option.name() + ": '" + text + "' (expected: host:port, a port of 0..65535)");
    }

    public List<Option<?>> options() {
        return options;
    }
}
