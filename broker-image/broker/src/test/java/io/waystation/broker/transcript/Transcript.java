package io.waystation.broker.transcript;

import io.waystation.broker.TestDaemon;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// A file of conversations with one fresh daemon:
///
/// ```
/// flags --max-msg-size=100        its flags; first line. {auth}, {tls}: Surroundings
/// # why                           comments and empty lines stay as they are
/// == a conversation               on new connections; topics outlive it
/// > "PUB t\n" [5] "hello"         sent on the connection; notation: Notation
/// b> "SUB t c\nRDY 1\n"           on another connection, named b
/// > await message                 reads frames until one of that kind: message, response, error, heartbeat, closed
/// > end                           sends no more; the other direction stays open
/// > await 3 messages              reads so many, whose order does not matter; {id:x} is that of the latest with body x
/// > tls                           the client's part of a handshake; what follows is inside
/// > upgrade                       reads the answer to IDENTIFY and puts on the layers that it names
/// > below "\xff"                  the same without the compression that stands
/// http> POST /pub?topic=t "body"  one request; http< is its answer; also HttpPeer's raw and cut
/// auth> 200 {"ttl":9,...}         what the auth server answers; auth< is what it was asked
/// < response "OK"                 what came; {id} in what is sent is the last message's, {a.id} the last on a
/// < open                          the daemon ended the connection (closed) or not (open)
/// ```
///
/// Answers stand at the end of their conversation, or behind the `await` that read them.
///
/// Where nsqd is meant to answer otherwise, [NsqdView] says how that is written.
public final class Transcript {
    private static final Pattern SENT = Pattern.compile("(\\w*)> (.*)");
    private static final Pattern ANOTHERS_ID = Pattern.compile("\\{(\\w*)\\.id}");
    private static final Pattern RECEIVED = Pattern.compile("\\w*< .*");
    static final String CONVERSATION = "== ";
    private static final String FLAGS = "flags ";
    private static final String HTTP = "http";
    private static final String AUTH = "auth";

    private final List<String> lines;
    private final boolean byteByByte;
    private final List<String> written = new ArrayList<>();
    private final SequencedMap<String, Peer> peers = new LinkedHashMap<>();

    private Transcript(List<String> lines, boolean byteByByte) {
        this.lines = lines;
        this.byteByByte = byteByByte;
    }

    /// The text of a transcript as the daemon's answers make it.
    ///
    /// @param directory where the daemon may have its data and certificates
    public static String play(List<String> lines, TestDaemon.Start start, Path directory, boolean byteByByte)
            throws IOException, UsageException {
        var transcript = new Transcript(lines, byteByByte);
        transcript.play(start, directory);
        return String.join("\n", transcript.written) + "\n";
    }

    private void play(TestDaemon.Start start, Path directory) throws IOException, UsageException {
        var flags = lines.getFirst().substring(FLAGS.length());
        var data = Files.createDirectory(directory.resolve("data"));
        try (var surroundings = new Surroundings(flags, directory);
                var daemon = start.start(data, surroundings.flags())) {
            for (int i = 0; i < lines.size(); i++) {
                if (!isReceived(lines.get(i))) {
                    play(daemon, surroundings, i);
                }
            }
            endConversation();
        }
    }

    static boolean isReceived(String line) {
        return RECEIVED.matcher(line).matches();
    }

    private void play(TestDaemon daemon, Surroundings surroundings, int at) throws IOException {
        var line = lines.get(at);
        var sent = SENT.matcher(line);
        if (sent.matches()) {
            written.add(line);
            var outcome = new ArrayList<String>();
            peer(daemon, surroundings, sent.group(1)).send(withIds(sent.group(2)), outcome);
            write(sent.group(1), outcome);
            return;
        }
        if (line.startsWith(NsqdView.DIFFERENCE) ? isLast(at) : isBoundary(line)) {
            endConversation();
        }
        written.add(line);
    }

    private String withIds(String line) {
        return ANOTHERS_ID
                .matcher(line)
                .replaceAll(id -> peers.get(id.group(1)) instanceof NsqPeer peer ? peer.lastMessageId() : id.group());
    }

    private static boolean isBoundary(String line) {
        return line.isBlank() || line.startsWith(CONVERSATION);
    }

    /// Whether nothing but nsqd's answers follows in the conversation.
    private boolean isLast(int at) {
        int next = at + 1;
        while (next < lines.size() && lines.get(next).startsWith(NsqdView.THEIRS)) {
            next++;
        }
        return next == lines.size() || isBoundary(lines.get(next));
    }

    private Peer peer(TestDaemon daemon, Surroundings surroundings, String name) throws IOException {
        var known = peers.get(name);
        if (known != null) {
            return known;
        }
        Peer opened = switch (name) {
            case HTTP -> new HttpPeer(daemon.httpPort(), byteByByte);
            case AUTH -> new AuthPeer(surroundings.auth());
            default -> new NsqPeer(daemon.port(), byteByByte, surroundings);
        };
        peers.put(name, opened);
        return opened;
    }

    private void endConversation() throws IOException {
        // The latest first: what an earlier one holds is still held while the later ones are answered.
        for (var peer : peers.sequencedEntrySet().reversed()) {
            var outcome = new ArrayList<String>();
            peer.getValue().finish(outcome);
            write(peer.getKey(), outcome);
        }
        for (var peer : peers.values()) {
            peer.close();
        }
        peers.clear();
    }

    private void write(String peer, List<String> outcome) {
        for (var line : outcome) {
            written.add(peer + "< " + Changing.masked(line));
        }
    }
}
