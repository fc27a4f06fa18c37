package io.waystation.operator.broker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// HTTP calls with JSON in and out, each over within [#CALL]. Safe from any thread: immutable.
final class JsonCalls {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration CALL = Duration.ofSeconds(5);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    ObjectMapper json() {
        return json;
    }

    JsonNode call(String method, URI uri, @Nullable JsonNode body)
            throws BrokerSilentException, BrokerRefusedException {
        var request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json; charset=utf-8")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        var response = send(request);
        JsonNode answer;
        try {
            answer = json.readTree(response.body());
        } catch (JsonProcessingException noJson) {
            throw new BrokerSilentException(
                    method + " " + uri + ": " + response.statusCode() + " with a body that is not JSON", noJson);
        }
        if (response.statusCode() == 200) {
            return answer;
        }
        var code = answer.path("code").asText("");
        if (code.isEmpty()) {
            throw new BrokerSilentException(method + " " + uri + ": " + response.statusCode() + " without a code");
        }
        throw new BrokerRefusedException(
                response.statusCode(),
                code,
                answer.path("message").asText(code),
                answer.hasNonNull("owner") ? json.convertValue(answer.get("owner"), Owner.class) : null,
                answer.path("unfinished").asLong());
    }

    private HttpResponse<String> send(HttpRequest request) throws BrokerSilentException {
        var what = request.method() + " " + request.uri();
        var answer = http.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        try {
            return answer.get(CALL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new BrokerSilentException(what + ": no answer within " + CALL.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            var cause = failed.getCause() == null ? failed : failed.getCause();
            throw new BrokerSilentException(what + ": " + cause.getClass().getSimpleName(), failed);
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new BrokerSilentException(what + ": interrupted", stopped);
        }
    }
}
