package io.waystation.e2e;

import static io.waystation.e2e.FuzzWords.quoted;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A transcript made of a seed: conversations over TCP and HTTP that any daemon like nsqd answers in one way only.
final class FuzzTranscript {
    private static final int CONVERSATIONS = 12;

    private final FuzzWords words;
    private final FuzzCommands commands;
    private final FuzzConsumers consumers;
    private final FuzzRequests requests;
    private final List<String> lines = new ArrayList<>();

    private FuzzTranscript(long seed) {
        this.words = new FuzzWords(new Random(seed));
        this.commands = new FuzzCommands(words);
        this.consumers = new FuzzConsumers(words);
        this.requests = new FuzzRequests(words);
    }

    static List<String> of(long seed) {
        var transcript = new FuzzTranscript(seed);
        transcript.lines.add("flags --max-msg-size=" + FuzzWords.MAX_MESSAGE + " --max-body-size=" + FuzzWords.MAX_BODY
                + " --max-rdy-count=" + FuzzWords.MAX_READY + " --max-req-timeout=" + FuzzWords.MAX_REQUEUE_MS + "ms");
        for (int i = 1; i <= CONVERSATIONS; i++) {
            transcript.lines.add("");
            transcript.lines.add("== " + i + " of seed " + seed);
            transcript.conversation();
        }
        return transcript.lines;
    }

    private void conversation() {
        switch (words.below(4)) {
            case 0, 1 -> commands();
            case 2 -> lines.addAll(consumers.conversation());
            default -> lines.addAll(requests.conversation());
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
