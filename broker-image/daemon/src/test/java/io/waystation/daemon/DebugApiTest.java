package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebugApiTest {
    private final HttpApi api = new HttpApi();
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        new DebugApi().addTo(api);
        api.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() {
        api.close();
        http.close();
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + api.port() + path);
        return http.send(java.net.http.HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @CsvSource({
        "'', profile",
        "block, lock",
        "cmdline, java",
        "goroutine, java.lang.Thread.State",
        "heap, java.lang.String",
        "symbol, num_symbols: 0",
        "threadcreate, peak"
    })
    void aPageShowsWhatItsNameSays(String page, String content) throws IOException, InterruptedException {
        var answer = get("/debug/pprof/" + page);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).asString().contains(content);
    }

    @Test
    void aProfileIsAFlightRecording() throws IOException, InterruptedException {
        var answer = get("/debug/pprof/profile?seconds=1");

        assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(answer.body()).startsWith('F', 'L', 'R', 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1000", "x", ""})
    void aProfileTakesABoundedTime(String seconds) throws IOException, InterruptedException {
        var answer = get("/debug/pprof/profile?seconds=" + seconds);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).asString().isEqualTo("seconds: " + seconds + " (expected: 1..999)");
    }

    @Test
    void whatAJvmDoesNotHaveIsNotFound() throws IOException, InterruptedException {
        var answer = get("/debug/pprof/mutex");

        assertThat(answer.statusCode()).isEqualTo(404);
    }
}
