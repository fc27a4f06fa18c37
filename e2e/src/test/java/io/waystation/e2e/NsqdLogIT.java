package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What our broker and the real nsqd write into their logs: the form of every line, and the lines of requests.
class NsqdLogIT {
    private static final Pattern LINE = Pattern.compile(
            "\\[x] \\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6} (?:DEBUG|INFO|WARNING|ERROR|FATAL): .+");
    private static final Pattern REQUEST =
            Pattern.compile("INFO: (\\d{3} [A-Z]+ /\\S*) \\(127\\.0\\.0\\.1:\\d+\\) [0-9.]+[nmµ]?s$");
    /// Neither logs what publishes, what is answered without a look at the routes, or what developers look at.
    private static final List<String> REQUESTS = List.of(
            "GET /ping",
            "OPTIONS /stats",
            "GET /info/",
            "GET //ping?x",
            "POST /topic/create/?topic=t",
            "GET /debug/pprof/cmdline",
            "GET /debug/pprof/",
            "GET /stats?format=json&include_mem=false",
            "GET /info",
            "GET /nothing",
            "POST /topic/create?topic=t",
            "POST /topic/create",
            "POST /topic/pause?topic=t",
            "POST /topic/delete?topic=unknown",
            "POST /channel/create?topic=t&channel=c",
            "GET /config/log_level",
            "GET /config/nothing",
            "DELETE /stats",
            "POST /pub?topic=t",
            "POST /mpub?topic=t",
            "POST /pub",
            "GET /pub",
            "POST /channel/delete?topic=t&channel=c");
    private static final String LAST = "200 POST /channel/delete?topic=t&channel=c";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path data;

    @TempDir
    Path theirs;

    private static void send(String address) throws IOException {
        try (var http = HttpClient.newHttpClient()) {
            for (var request : REQUESTS) {
                var words = request.split(" ", 2);
                http.send(
                        HttpRequest.newBuilder(URI.create("http://" + address + words[1]))
                                .method(words[0], HttpRequest.BodyPublishers.ofString("x"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    private static List<String> requests(List<String> lines) {
        return lines.stream()
                .map(REQUEST::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .toList();
    }

    private static List<String> awaitLines(Command daemon) throws IOException {
        Awaitility.await(LAST + " in the log of " + daemon)
                .atMost(LIMIT)
                .until(() -> requests(daemon.output().lines().toList()).contains(LAST));
        return daemon.output().lines().toList();
    }

    @Test
    void bothLogTheSameRequestsInTheSameForm() throws IOException {
        List<String> expected;
        try (var nsqd = Peers.nsqd(theirs, "--log-prefix=[x] ")) {
            send(Peers.address(nsqd, "HTTP"));
            expected = awaitLines(nsqd);
        }
        List<String> lines;
        try (var daemons = new Daemons(data, "--log-prefix=[x] ")) {
            send(daemons.brokerHttp());
            lines = awaitLines(daemons.brokerProcess());
        }

        assertThat(expected).allMatch(line -> LINE.matcher(line).matches());
        assertThat(lines).allMatch(line -> LINE.matcher(line).matches());
        assertThat(requests(lines)).isEqualTo(requests(expected));
    }
}
