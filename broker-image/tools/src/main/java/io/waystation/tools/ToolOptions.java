package io.waystation.tools;

import io.waystation.client.ClientOptions;
import io.waystation.client.HttpCalls;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/// What NSQ's tools have in common: flags, user agent, lines on stderr.
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
    static final Option<Duration> CONNECT_TIMEOUT =
            Option.duration("http-client-connect-timeout", "2s", "for connections over HTTP");
    static final Option<Duration> REQUEST_TIMEOUT =
            Option.duration("http-client-request-timeout", "5s", "for answers over HTTP");

    private ToolOptions() {}

    /// A connection's options: go-nsq's defaults, the tool's name, and what `name,value` pairs say.
    static ClientOptions client(String tool, List<String> pairs) throws UsageException {
        var options = ClientOptions.defaults(hostname(), tool + "/" + Options.NSQ_VERSION + " go-nsq/1.1.0");
        for (var pair : pairs) {
            int comma = pair.indexOf(',');
            try {
                options = comma < 0
                        ? options.with(pair, "true")
                        : options.with(pair.substring(0, comma), pair.substring(comma + 1));
            } catch (IllegalArgumentException wrong) {
                throw new UsageException(2, String.valueOf(wrong.getMessage()));
            }
        }
        return options;
    }

    static HttpCalls http(Settings settings) {
        return new HttpCalls(settings.get(CONNECT_TIMEOUT), settings.get(REQUEST_TIMEOUT));
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

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }
}
