package io.waystation.broker.transcript;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A transcript as the real nsqd 1.3.0 is expected to answer it. What differs on purpose is written in the transcript:
///
/// ```
/// == a conversation
/// # ours: why                     the whole conversation is ours; nsqd is not asked
///
/// == another
/// http> GET /ping
/// http< 200 OK {}                 what we answer
/// # nsqd: why                     the answers above are ours;
/// nsqd| http< 404 Not Found {}    nsqd's are these
/// ```
///
/// What we only add to an answer, where a message waits, and what Go's server says about a malformed request beside its
/// status, is left out of the comparison by [#alike].
public final class NsqdView {
    static final String DIFFERENCE = "# nsqd: ";
    static final String THEIRS = "nsqd| ";
    private static final String OURS = "# ours: ";

    /// What stands for what: first what is no key of nsqd 1.3.0, then what says how messages are kept.
    private static final Map<Pattern, String> UNLIKE = new LinkedHashMap<>();

    static {
        UNLIKE.put(Pattern.compile(",\\\\\"topology_(?:region|zone)\\\\\":\\\\\"[^\"]*\\\\\""), "");
        UNLIKE.put(Pattern.compile(",\\\\\"waystation_version\\\\\":\\\\\"[^\"]*\\\\\""), "");
        UNLIKE.put(Pattern.compile(",\\\\\"xpub\\\\\":\\[[^]]*]"), "");
        UNLIKE.put(Pattern.compile(",\\\\\"expired_count\\\\\":.*?,\\\\\"stall\\\\\":(?:null|\\{[^}]*})"), "");
        UNLIKE.put(Pattern.compile("(?<=\\(built w/)[^)]*"), "~");
        UNLIKE.put(Pattern.compile("(?<=\\\\\"backend_depth\\\\\":)\\d+"), "~");
        UNLIKE.put(Pattern.compile("(?<=be-depth: )\\d+ *"), "~");
    }

    private static final Pattern REASON = Pattern.compile("^(\\w*< \"?[45]\\d\\d [a-zA-Z ]+): [a-zA-Z ]+(?=\"| \\{)");
    private static final Pattern MESSAGE = Pattern.compile("^\\w*< message ([0-9a-f]{16}) ");

    private NsqdView() {}

    /// The lines of a transcript that is to be played at nsqd.
    public static List<String> of(List<String> lines) {
        var view = new ArrayList<String>();
        boolean ours = false;
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            if (line.startsWith(Transcript.CONVERSATION)) {
                ours = i + 1 < lines.size() && lines.get(i + 1).startsWith(OURS);
            }
            if (line.startsWith(DIFFERENCE)) {
                dropReceived(view);
            } else if (!ours) {
                view.add(line.startsWith(THEIRS) ? line.substring(THEIRS.length()) : line);
            }
        }
        return view;
    }

    private static void dropReceived(List<String> view) {
        while (Transcript.isReceived(view.getLast())) {
            view.removeLast();
        }
    }

    /// A transcript's text without what is ours by nature: message ids, keys that we add, what is on disk.
    public static String alike(String text) {
        var alike = new ArrayList<String>();
        Map<String, String> ids = new LinkedHashMap<>();
        for (var line : text.split("\n", -1)) {
            if (line.startsWith(Transcript.CONVERSATION)) {
                ids.clear();
            }
            var message = MESSAGE.matcher(line);
            if (message.find()) {
                ids.computeIfAbsent(message.group(1), id -> "(message " + (ids.size() + 1) + ")");
            }
            alike.add(alike(line, ids));
        }
        return String.join("\n", alike);
    }

    private static String alike(String line, Map<String, String> ids) {
        var alike = line;
        if (Transcript.isReceived(line)) {
            for (var unlike : UNLIKE.entrySet()) {
                alike = unlike.getKey().matcher(alike).replaceAll(unlike.getValue());
            }
            alike = REASON.matcher(alike).replaceFirst("$1");
            for (var id : ids.entrySet()) {
                alike = alike.replace(id.getKey(), id.getValue());
            }
        }
        return alike;
    }
}
