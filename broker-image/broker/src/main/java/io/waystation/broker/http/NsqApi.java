package io.waystation.broker.http;

import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Option;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// nsqd's HTTP API with its codes and quirks: what it says of itself is here, all else in a class for each theme.
public final class NsqApi {
    /// Bodies that nobody reads are taken up to this size.
    static final int NO_BODY = 1024 * 1024;

    private static final long NANOS_PER_MS = 1_000_000;
    private static final Set<String> FALSE = Set.of("false", "0");

    private final ApiContext context;
    private final Option<List<String>> lookups;
    private final Option<String> logLevel;
    private final IntSupplier maxMessageBytes;
    private final IntSupplier maxBodyBytes;

    public NsqApi(
            ApiContext context,
            Option<List<String>> lookups,
            Option<String> logLevel,
            IntSupplier maxMessageBytes,
            IntSupplier maxBodyBytes) {
        this.context = context;
        this.lookups = lookups;
        this.logLevel = logLevel;
        this.maxMessageBytes = maxMessageBytes;
        this.maxBodyBytes = maxBodyBytes;
    }

    public void addTo(HttpApi api) {
        api.route("GET", "/ping", NO_BODY, request -> ping());
        api.route("GET", "/info", NO_BODY, request -> info());
        new StatsApi(context).addTo(api);
        new PublishApi(context, maxMessageBytes, maxBodyBytes).addTo(api);
        new TopicsApi(context).addTo(api);
        new ConfigApi(context, lookups, logLevel, maxMessageBytes).addTo(api);
        api.route("PUT", "/debug/setblockrate", NO_BODY, NsqApi::setBlockRate);
        api.route("POST", "/debug/freememory", NO_BODY, request -> freeMemory());
    }

    /// What is neither true nor false counts as true, as nsqd has it.
    static boolean isTrue(@Nullable String value, boolean absent) {
        return value == null ? absent : !FALSE.contains(value);
    }

    private HttpReply ping() {
        var health = context.health();
        return health.equals("OK") ? HttpReply.ok() : HttpReply.text(500, health);
    }

    private HttpReply info() throws IOException {
        var limits = context.server().limits();
        return JsonReply.of(json -> {
            json.writeStartObject();
            json.writeStringField("version", BrokerStats.NSQD_VERSION);
            json.writeStringField("broadcast_address", context.broadcastAddress());
            json.writeStringField("hostname", context.hostname());
            json.writeNumberField("http_port", context.httpPort().getAsInt());
            json.writeNumberField("tcp_port", context.server().port());
            json.writeNumberField("start_time", context.startMs() / 1000);
            json.writeNumberField("max_heartbeat_interval", limits.maxHeartbeatIntervalMs() * NANOS_PER_MS);
            json.writeNumberField("max_output_buffer_size", limits.maxOutputBufferSize());
            json.writeNumberField("max_output_buffer_timeout", limits.maxOutputBufferTimeoutMs() * NANOS_PER_MS);
            json.writeNumberField("max_deflate_level", limits.maxDeflateLevel());
            json.writeStringField("topology_zone", context.server().topology().zone());
            json.writeStringField("topology_region", context.server().topology().region());
            json.writeStringField("waystation_version", context.version());
            json.writeEndObject();
        });
    }

    /// A JVM's locks are observed by flight recordings, whatever the rate; only what would be refused is.
    private static HttpReply setBlockRate(HttpRequest request) {
        var given = request.query("rate");
        var rate = given == null ? "" : given;
        try {
            Long.parseLong(rate);
            return HttpReply.empty();
        } catch (NumberFormatException notANumber) {
            var cause = rate.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax";
            return HttpReply.plain(400, "invalid block rate : strconv.Atoi: parsing \"" + rate + "\": " + cause);
        }
    }

    private static HttpReply freeMemory() {
        System.gc();
        return HttpReply.empty();
    }
}
