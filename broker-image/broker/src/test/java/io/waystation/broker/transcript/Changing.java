package io.waystation.broker.transcript;

import java.util.List;
import java.util.regex.Pattern;

/// Masks what differs from run to run in an answer.
final class Changing {
    private static final List<Pattern> VALUES = List.of(
            Pattern.compile("(?<=\\\\\"(?:start_time|http_port|tcp_port|connect_ts|heap_objects|heap_idle_bytes"
                    + "|heap_in_use_bytes|heap_released_bytes|gc_pause_usec_100|gc_pause_usec_99|gc_pause_usec_95"
                    + "|next_gc_bytes|gc_total_runs)\\\\\":)-?\\d+"),
            Pattern.compile("(?<=\\\\\"hostname\\\\\":)\\\\\"[^\"]*\\\\\""),
            Pattern.compile("(?<=https_port\\\\\": )\\d+"),
            Pattern.compile("(?<=127\\.0\\.0\\.1:)\\d+"),
            Pattern.compile("(?<=127_0_0_1_)\\d+"),
            Pattern.compile("(?<=\\[V2 h:)\\d+"),
            Pattern.compile("(?<=start_time )\\S+Z"),
            Pattern.compile("(?<=uptime )[\\d.a-zµ\\xc2\\xb5]+"),
            Pattern.compile("(?<=\\\\t)\\d+"),
            Pattern.compile("(?<=connected: )[\\d.hms]+"));

    private Changing() {}

    static String masked(String line) {
        var masked = line;
        for (var value : VALUES) {
            masked = value.matcher(masked).replaceAll("~");
        }
        return masked;
    }
}
