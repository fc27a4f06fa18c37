package io.waystation.tools;

import io.waystation.client.ClientOptions;
import io.waystation.client.Sources;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import io.waystation.wire.Names;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// The flags that NSQ's tools have in common, and what they mean.
final class ToolOptions {
    static final Option<List<String>> NSQD_TCP_ADDRESS =
            Option.strings("nsqd-tcp-address", "host:port of a broker; may be given several times");
    static final Option<List<String>> LOOKUPD_HTTP_ADDRESS =
            Option.strings("lookupd-http-address", "host:port of a lookup; may be given several times");
    static final Option<List<String>> CONSUMER_OPT = Option.texts(
                    "consumer-opt", "name,value of a go-nsq consumer option; may be given several times")
            .alias("reader-opt");
    static final Option<List<String>> PRODUCER_OPT =
            Option.texts("producer-opt", "name,value of a go-nsq producer option; may be given several times");

    private ToolOptions() {}

    /// A connection's options: go-nsq's defaults, the tool's name, and what `name,value` pairs say; a name alone
    /// is true.
    static ClientOptions client(String tool, List<String> pairs) throws UsageException {
        var options = ClientOptions.defaults(hostname(), tool + "/" + Options.NSQ_VERSION + " go-nsq/1.1.0");
        try {
            for (var pair : pairs) {
                int comma = pair.indexOf(',');
                options = comma < 0
                        ? options.with(pair, "true")
                        : options.with(pair.substring(0, comma), pair.substring(comma + 1));
            }
            options.check();
            return options;
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(2, String.valueOf(wrong.getMessage()));
        }
    }

    /// The brokers of a consumer: exactly one of the two ways to find them must be given.
    static Sources sources(Settings settings) throws UsageException {
        var brokers = settings.get(NSQD_TCP_ADDRESS);
        var lookups = settings.get(LOOKUPD_HTTP_ADDRESS);
        requireOneKind(brokers, lookups, NSQD_TCP_ADDRESS.name());
        try {
            return brokers.isEmpty() ? Sources.lookups(lookups) : Sources.brokers(brokers);
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(1, "--" + NSQD_TCP_ADDRESS.name() + ": " + wrong.getMessage());
        }
    }

    /// Exactly one of the two ways to find brokers must be given.
    static void requireOneKind(List<String> brokers, List<String> lookups, String brokerFlag) throws UsageException {
        if (brokers.isEmpty() && lookups.isEmpty()) {
            throw new UsageException(1, "--" + brokerFlag + " or --lookupd-http-address required");
        }
        if (!brokers.isEmpty() && !lookups.isEmpty()) {
            throw new UsageException(1, "use --" + brokerFlag + " or --lookupd-http-address not both");
        }
    }

    static String require(Settings settings, Option<String> option) throws UsageException {
        var value = settings.get(option);
        if (value.isEmpty()) {
            throw new UsageException(1, "--" + option.name() + " is required");
        }
        return value;
    }

    static String requireName(Settings settings, Option<String> option) throws UsageException {
        return name(option.name(), require(settings, option));
    }

    /// Topics and channels that no broker would accept are refused before anything is tried.
    static String name(String option, String name) throws UsageException {
        if (!Names.isValid(name)) {
            throw new UsageException(
                    1, "--" + option + ": '" + name + "' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)");
        }
        return name;
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }
}
