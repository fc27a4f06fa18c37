package io.waystation.broker.transcript;

import io.waystation.broker.TestBroker;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// A file of conversations with one fresh broker:
///
/// ```
/// flags --max-msg-size=100        the broker's flags; first line. {auth}, {tls}: Surroundings
/// # why                           comments and empty lines stay as they are
/// == a conversation               on new connections; topics outlive it
/// > "PUB t\n" [5] "hello"         sent on the connection; notation: Notation
/// b> "SUB t c\nRDY 1\n"           on another connection, named b
/// > await message                 reads frames until one of that kind: message, response, error, heartbeat, closed
/// > end                           sends no more; the other direction stays open
/// > tls                           the client's part of a handshake; what follows is inside
/// http> POST /pub?topic=t "body"  one request; http< is its answer
/// auth> 200 {"ttl":9,...}         what the auth server answers; auth< is what it was asked
/// < response "OK"                 what came; {id} in what is sent is the last message's
/// < open                          the broker ended the connection (closed) or not (open)
/// ```
///
/// Answers stand at the end of their conversation, or behind the `await` that read them.
final class Transcript {
    private static final Pattern SENT = Pattern.compile("(\\w*)> (.*)");
    private static final Pattern RECEIVED = Pattern.compile("\\w*< .*");
    private static final String CONVERSATION = "== ";
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

    /// The file's text as the broker's answers make it.
    static String play(Path file, Path directory, boolean byteByByte) throws IOException, UsageException {
        var transcript = new Transcript(Files.readAllLines(file), byteByByte);
        transcript.play(directory);
        return String.join("\n", transcript.written) + "\n";
    }

    private void play(Path directory) throws IOException, UsageException {
        var flags = lines.getFirst().substring(FLAGS.length());
        var data = Files.createDirectory(directory.resolve("data"));
        try (var surroundings = new Surroundings(flags, directory);
                var broker = new TestBroker(data, surroundings.flags())) {
            for (var line : lines) {
                if (!RECEIVED.matcher(line).matches()) {
                    play(broker, surroundings, line);
                }
            }
            endConversation();
        }
    }

    private void play(TestBroker broker, Surroundings surroundings, String line) throws IOException {
        var sent = SENT.matcher(line);
        if (sent.matches()) {
            written.add(line);
            var outcome = new ArrayList<String>();
            peer(broker, surroundings, sent.group(1)).send(sent.group(2), outcome);
            write(sent.group(1), outcome);
            return;
        }
        if (line.isBlank() || line.startsWith(CONVERSATION)) {
            endConversation();
        }
        written.add(line);
    }

    private Peer peer(TestBroker broker, Surroundings surroundings, String name) throws IOException {
        var known = peers.get(name);
        if (known != null) {
            return known;
        }
        Peer opened = switch (name) {
            case HTTP -> new HttpPeer(broker.httpPort(), byteByByte);
            case AUTH -> new AuthPeer(surroundings.auth());
            default -> new NsqPeer(broker.port(), byteByByte, surroundings);
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
