package io.waystation.lookup;

import io.waystation.wire.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one broker asks for in protocol V1, and what it is answered. Confined to its connection's loop; knows no bytes
/// of the transport.
final class LookupSession {
    private static final byte[] OK = "OK".getBytes(StandardCharsets.US_ASCII);
    private static final Logger LOG = LoggerFactory.getLogger(LookupSession.class);

    private final RegistrationDb registrations;
    private final Supplier<String> description;
    private final String remoteAddress;
    private @Nullable Producer producer;

    /// @param description this lookup as JSON: the answer to IDENTIFY
    /// @param remoteAddress the broker's `ip:port`, by which its registrations are known
    LookupSession(RegistrationDb registrations, Supplier<String> description, String remoteAddress) {
        this.registrations = registrations;
        this.description = description;
        this.remoteAddress = remoteAddress;
    }

    String remoteAddress() {
        return remoteAddress;
    }

    /// Runs a command that is one line.
    byte[] run(String[] words) throws RefusedException {
        return switch (words[0]) {
            case "PING" -> ping();
            case "REGISTER" -> register(words);
            case "UNREGISTER" -> unregister(words);
            default -> throw new RefusedException("E_INVALID invalid command " + words[0]);
        };
    }

    /// Checks what can be known of an IDENTIFY before its body.
    void requireFirstIdentify() throws RefusedException {
        if (producer != null) {
            throw new RefusedException("E_INVALID cannot IDENTIFY again");
        }
    }

    byte[] identify(byte[] body) throws RefusedException {
        Peer peer;
        try {
            peer = Peer.parse(body);
        } catch (IOException malformed) {
            throw new RefusedException("E_BAD_BODY IDENTIFY failed to decode JSON body");
        }
        if (!peer.isComplete()) {
            throw new RefusedException("E_BAD_BODY IDENTIFY missing fields");
        }
        producer = registrations.identify(remoteAddress, peer);
        LOG.atInfo()
                .addKeyValue("client", remoteAddress)
                .addKeyValue("broadcastAddress", peer.broadcastAddress())
                .addKeyValue("tcpPort", peer.tcpPort())
                .log("broker joined");
        return description.get().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] ping() {
        var known = producer;
        if (known != null) {
            registrations.seen(known);
        }
        return OK;
    }

    private byte[] register(String[] words) throws RefusedException {
        var known = identified();
        try {
            registrations.register(known, topic(words), channel(words));
        } catch (RegistrationsFullException full) {
            throw new RefusedException("E_INVALID REGISTER " + full.getMessage());
        }
        return OK;
    }

    private byte[] unregister(String[] words) throws RefusedException {
        var known = identified();
        registrations.unregister(known, topic(words), channel(words));
        return OK;
    }

    private Producer identified() throws RefusedException {
        var known = producer;
        if (known == null) {
            throw new RefusedException("E_INVALID client must IDENTIFY");
        }
        return known;
    }

    private static String topic(String[] words) throws RefusedException {
        if (words.length < 2) {
            throw new RefusedException("E_INVALID " + words[0] + " insufficient number of params");
        }
        if (!Names.isValid(words[1])) {
            throw new RefusedException("E_BAD_TOPIC " + words[0] + " topic name '" + words[1] + "' is not valid");
        }
        return words[1];
    }

    private static @Nullable String channel(String[] words) throws RefusedException {
        if (words.length < 3 || words[2].isEmpty()) {
            return null;
        }
        if (!Names.isValid(words[2])) {
            throw new RefusedException("E_BAD_CHANNEL " + words[0] + " channel name '" + words[2] + "' is not valid");
        }
        return words[2];
    }

    /// The connection is gone.
    void end() {
        var known = producer;
        if (known != null) {
            registrations.remove(known);
            producer = null;
            LOG.atInfo().addKeyValue("client", remoteAddress).log("broker left");
        }
    }
}
