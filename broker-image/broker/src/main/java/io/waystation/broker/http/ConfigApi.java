package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.registration.Registration;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Option;
import io.waystation.daemon.TlsRequired;
import io.waystation.daemon.TlsVersion;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// nsqd's `/config/:opt`: shows an option as nsqd would, and changes the two that nsqd lets change.
final class ConfigApi {
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error", "fatal");
    /// Flags that nsqd takes and does not count among its options.
    private static final Set<String> NO_OPTIONS = Set.of("config", "version", "verbose");

    private static final JsonFactory JSON = new JsonFactory();

    private final ApiContext context;
    private final Option<List<String>> lookups;
    private final Option<String> logLevel;
    private final IntSupplier maxMessageBytes;

    ConfigApi(ApiContext context, Option<List<String>> lookups, Option<String> logLevel, IntSupplier maxMessageBytes) {
        this.context = context;
        this.lookups = lookups;
        this.logLevel = logLevel;
        this.maxMessageBytes = maxMessageBytes;
    }

    void addTo(HttpApi api) {
        api.route("GET", "/config/:opt", NsqApi.NO_BODY, this::config);
        api.route("PUT", "/config/:opt", maxMessageBytes, this::changeConfig);
    }

    private HttpReply config(HttpRequest request) throws IOException {
        var option = option(request.path("opt"));
        return option == null ? HttpReply.error(400, "INVALID_OPTION") : value(option);
    }

    private @Nullable Option<?> option(String key) {
        for (var option : context.settings().options()) {
            if (option.configKey().equals(key) && !NO_OPTIONS.contains(key)) {
                return option;
            }
        }
        return null;
    }

    private HttpReply value(Option<?> option) throws IOException {
        var given = context.settings().get(option);
        var value = context.completed().get().getOrDefault(option.configKey(), given);
        if (option == logLevel) {
            return HttpReply.json(Integer.toString(LEVELS.indexOf(value) + 1));
        }
        if (value instanceof TlsRequired required) {
            return HttpReply.json(Integer.toString(required.number()));
        }
        if (value instanceof TlsVersion version) {
            return HttpReply.json(Integer.toString(version.number()));
        }
        if (value instanceof String text) {
            return text.isEmpty() ? HttpReply.empty() : HttpReply.text(200, text);
        }
        return JsonReply.of(json -> {
            if (value instanceof Duration duration) {
                json.writeNumber(duration.toNanos());
            } else if (value instanceof List<?> list) {
                json.writeStartArray();
                for (var element : list) {
                    if (element instanceof Double number) {
                        json.writeNumber(number);
                    } else {
                        json.writeString(String.valueOf(element));
                    }
                }
                json.writeEndArray();
            } else {
                json.writeRawValue(String.valueOf(value));
            }
        });
    }

    private HttpReply changeConfig(HttpRequest request) throws IOException {
        if (request.isBodyTooLarge() || request.body().length == 0) {
            return HttpReply.error(413, "INVALID_VALUE");
        }
        var option = option(request.path("opt"));
        if (option != lookups && option != logLevel) {
            return HttpReply.error(400, "INVALID_OPTION");
        }
        var body = new String(request.body(), StandardCharsets.UTF_8);
        var text = option == lookups ? addresses(body) : body;
        if (text == null) {
            return HttpReply.error(400, "INVALID_VALUE");
        }
        try {
            context.settings().set(option, text);
        } catch (UsageException invalid) {
            return HttpReply.error(400, "INVALID_VALUE");
        }
        context.settingsChanged().run();
        return value(option);
    }

    /// A JSON array of strings as the flag's text; null when the body is none, or has too many.
    private static @Nullable String addresses(String body) {
        var addresses = new ArrayList<String>();
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                return null;
            }
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                addresses.add(json.getText());
            }
            boolean whole = json.currentToken() == JsonToken.END_ARRAY && json.nextToken() == null;
            return whole && addresses.size() <= Registration.MAX_LOOKUPS ? String.join(",", addresses) : null;
        } catch (IOException malformed) {
            return null;
        }
    }
}
