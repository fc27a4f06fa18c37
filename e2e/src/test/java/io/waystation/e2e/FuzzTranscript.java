package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A transcript made of a seed: conversations over TCP and HTTP that any daemon like nsqd answers in one way only.
final class FuzzTranscript {
    private static final int CONVERSATIONS = 12;
    /// The first numbers of neighbouring seeds are much alike.
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private static final String LIMITS = "flags --max-msg-size=" + FuzzWords.MAX_MESSAGE + " --max-body-size="
            + FuzzWords.MAX_BODY + " --max-rdy-count=" + FuzzWords.MAX_READY + " --max-req-timeout="
            + FuzzWords.MAX_REQUEUE_MS + "ms";
    private static final String AUTH = " --auth-http-address={auth}";
    private static final String TLS = " {tls}";

    private final FuzzWords words;
    private final String flags;
    private final FuzzCommands commands;
    private final FuzzConsumers consumers;
    private final FuzzWindows windows;
    private final FuzzRequests requests;
    private final FuzzHeads heads;
    private final FuzzUpgrades upgrades;
    private final FuzzGrants grants;
    private final List<String> lines = new ArrayList<>();

    private FuzzTranscript(long seed) {
        this.words = new FuzzWords(new Random(seed * SPREAD));
        this.flags = flags();
        var harmless = flags.contains(TLS) ? List.of("feature_negotiation") : List.of("feature_negotiation", "tls_v1");
        this.commands = new FuzzCommands(words, new FuzzJson(words, harmless));
        this.consumers = new FuzzConsumers(words);
        this.windows = new FuzzWindows(words);
        this.requests = new FuzzRequests(words);
        this.heads = new FuzzHeads(words);
        this.upgrades = new FuzzUpgrades(words);
        this.grants = new FuzzGrants(words);
    }

    private String flags() {
        var layers = words.any("", "", " --snappy=false", " --deflate=false")
                + words.any("", "", " --max-deflate-level=1", " --max-deflate-level=9");
        return switch (words.below(5)) {
            case 0, 1 -> LIMITS + layers;
            case 2 -> LIMITS + TLS + layers + words.any("", " --tls-min-version=tls1.2", " --tls-min-version=tls1.3");
            case 3 -> LIMITS + TLS + layers + " --tls-required=" + words.any("true", "tcp-https");
            default -> LIMITS + words.any("", TLS) + layers + AUTH;
        };
    }

    static List<String> of(long seed) {
        var transcript = new FuzzTranscript(seed);
        transcript.lines.add(transcript.flags);
        for (int i = 1; i <= CONVERSATIONS; i++) {
            transcript.lines.add("");
            transcript.lines.add("== " + i + " of seed " + seed);
            transcript.conversation();
        }
        return transcript.lines;
    }

    private void conversation() {
        switch (words.below(8)) {
            case 0 -> commands();
            case 1 -> lines.addAll(requests.conversation());
            case 2 -> lines.addAll(heads.conversation());
            case 3 -> lines.addAll(upgrades.conversation());
            default -> special();
        }
    }

    /// What only some daemons let a client do.
    private void special() {
        if (flags.endsWith(AUTH)) {
            lines.addAll(grants.conversation());
        } else if (flags.contains(" --tls-required")) {
            lines.addAll(upgrades.conversation());
        } else {
            lines.addAll(words.chance(50) ? consumers.conversation() : windows.conversation());
        }
    }

    /// One stream, in one piece or in several.
    private void commands() {
        var stream = commands.stream();
        int start = 0;
        while (start < stream.length()) {
            int end = words.chance(70) ? stream.length() : start + 1 + words.below(stream.length() - start);
            lines.add("> " + quoted(stream.substring(start, end)));
            start = end;
        }
        if (commands.isCut() || words.chance(20)) {
            lines.add("> end");
        }
    }
}
