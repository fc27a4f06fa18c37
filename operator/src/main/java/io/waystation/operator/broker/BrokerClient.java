package io.waystation.operator.broker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The brokers' API for operators and the lookups' registry. `address` is the IP address of a pod. Safe from any
/// thread:
/// immutable.
public final class BrokerClient {
    private static final int BROKER_PORT = 4151;
    private static final int LOOKUP_PORT = 4161;

    private final JsonCalls calls = new JsonCalls();

    public BrokerState info(String address) throws BrokerSilentException, BrokerRefusedException {
        return read(get(address, "info"), BrokerState.class);
    }

    public List<BrokerSetting> settings(String address) throws BrokerSilentException, BrokerRefusedException {
        var settings = new ArrayList<BrokerSetting>();
        for (var setting : get(address, "settings").path("settings")) {
            settings.add(read(setting, BrokerSetting.class));
        }
        return List.copyOf(settings);
    }

    public void changeSettings(String address, Map<String, String> values)
            throws BrokerSilentException, BrokerRefusedException {
        var body = calls.json().createObjectNode();
        values.forEach(body::put);
        put(address, "settings", body);
    }

    public BrokerDrain drain(String address) throws BrokerSilentException, BrokerRefusedException {
        return read(get(address, "drain"), BrokerDrain.class);
    }

    public void cordon(String address, boolean cordoned) throws BrokerSilentException, BrokerRefusedException {
        put(address, "drain", calls.json().createObjectNode().put("cordoned", cordoned));
    }

    /// Empty when there is no such topic.
    public Optional<BrokerTopic> topic(String address, String topic)
            throws BrokerSilentException, BrokerRefusedException {
        try {
            return Optional.of(read(get(address, "topics/" + encoded(topic)), BrokerTopic.class));
        } catch (BrokerRefusedException refused) {
            if (refused.isNotFound()) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    public BrokerTopic declareTopic(String address, String topic, Declaration declaration)
            throws BrokerSilentException, BrokerRefusedException {
        return read(put(address, "topics/" + encoded(topic), body(declaration)), BrokerTopic.class);
    }

    public BrokerChannel declareChannel(String address, String topic, String channel, Declaration declaration)
            throws BrokerSilentException, BrokerRefusedException {
        return read(put(address, path(topic, channel), body(declaration)), BrokerChannel.class);
    }

    /// Nothing happens when there is none.
    public void deleteTopic(String address, String topic, String ownerUid, boolean ifEmpty)
            throws BrokerSilentException, BrokerRefusedException {
        delete(address, "topics/" + encoded(topic), ownerUid, ifEmpty);
    }

    /// Nothing happens when there is none, or no topic.
    public void deleteChannel(String address, String topic, String channel, String ownerUid, boolean ifEmpty)
            throws BrokerSilentException, BrokerRefusedException {
        delete(address, path(topic, channel), ownerUid, ifEmpty);
    }

    /// The addresses that registered brokers announce.
    public Set<String> registeredBrokers(String lookupAddress) throws BrokerSilentException, BrokerRefusedException {
        var nodes = calls.call("GET", URI.create("http://" + host(lookupAddress) + ":" + LOOKUP_PORT + "/nodes"), null);
        var addresses = new TreeSet<String>();
        for (var producer : nodes.path("producers")) {
            addresses.add(producer.path("broadcast_address").asText());
        }
        return addresses;
    }

    private static String path(String topic, String channel) {
        return "topics/" + encoded(topic) + "/channels/" + encoded(channel);
    }

    private ObjectNode body(Declaration declaration) {
        var body = calls.json().createObjectNode();
        body.set("owner", declaration.owner() == null ? null : calls.json().valueToTree(declaration.owner()));
        body.put("expectedOwnerUid", declaration.expectedOwnerUid());
        if (declaration.paused() != null) {
            body.put("paused", declaration.paused());
        }
        if (declaration.startFrom() != null) {
            body.put("startFrom", declaration.startFrom());
        }
        if (!declaration.settings().isEmpty()) {
            var settings = body.putObject("settings");
            declaration.settings().forEach(setting -> setting.addTo(settings));
        }
        return body;
    }

    private void delete(String address, String path, String ownerUid, boolean ifEmpty)
            throws BrokerSilentException, BrokerRefusedException {
        try {
            calls.call(
                    "DELETE",
                    uri(address, path + "?ownerUid=" + encoded(ownerUid) + (ifEmpty ? "&ifEmpty=true" : "")),
                    null);
        } catch (BrokerRefusedException refused) {
            if (!refused.isNotFound()) {
                throw refused;
            }
        }
    }

    private JsonNode get(String address, String path) throws BrokerSilentException, BrokerRefusedException {
        return calls.call("GET", uri(address, path), null);
    }

    private JsonNode put(String address, String path, JsonNode body)
            throws BrokerSilentException, BrokerRefusedException {
        return calls.call("PUT", uri(address, path), body);
    }

    private <T> T read(JsonNode node, Class<T> type) throws BrokerSilentException {
        try {
            return calls.json().treeToValue(node, type);
        } catch (JsonProcessingException unexpected) {
            throw new BrokerSilentException(
                    "an answer that is no " + type.getSimpleName() + ": " + unexpected.getOriginalMessage(),
                    unexpected);
        }
    }

    private static URI uri(String address, String path) {
        return URI.create("http://" + host(address) + ":" + BROKER_PORT + "/waystation/v1/" + path);
    }

    private static String host(String address) {
        return address.indexOf(':') < 0 ? address : "[" + address + "]";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// What to declare. `owner` is recorded if none is recorded, or the same, or the one with
    /// `expectedOwnerUid`; null gives the ownership up. What is null, and settings that are not given, are
    /// left alone.
    public record Declaration(
            @Nullable Owner owner,
            @Nullable String expectedOwnerUid,
            @Nullable Boolean paused,
            @Nullable String startFrom,
            List<DeclaredSetting> settings) {
        /// Gives the ownership up, and leaves everything else alone.
        public static Declaration release(String ownerUid) {
            return new Declaration(null, ownerUid, null, null, List.of());
        }
    }
}
