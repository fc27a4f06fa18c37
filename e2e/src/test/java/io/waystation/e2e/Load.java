package io.waystation.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Producers and consumers on go-nsq in two pods of the cluster, and the numbers of what they did.
final class Load {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STATUS_PORT = 8080;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final TestNamespace namespace;
    private final String topic;
    private final String flags;
    private final String brokers;
    private final String lookups;

    private Load(TestNamespace namespace, String topic, String flags, String brokers, String lookups) {
        this.namespace = namespace;
        this.topic = topic;
        this.flags = flags;
        this.brokers = brokers;
        this.lookups = lookups;
    }

    /// What became of the messages of a load.
    record Tally(long acknowledged, long distinct, long duplicates, String missing) {}

    /// Starts consumers that ask the lookups, and producers that publish at each of these brokers in turn, `rate`
    /// messages a second each.
    static Load start(TestNamespace namespace, String topic, int clients, int rate, String brokers, String lookups) {
        var load = new Load(namespace, topic, "-clients " + clients + " -rate " + rate, brokers, lookups);
        load.consume();
        load.produce();
        load.awaitDelivered(1);
        return load;
    }

    /// Two producers and two consumers of messages of this size, which are still to be started.
    static Load ofSize(TestNamespace namespace, String topic, int bytes, String brokers, String lookups) {
        return new Load(namespace, topic, "-clients 2 -rate 60 -size " + bytes, brokers, lookups);
    }

    void produce() {
        pod(producer(), "produce -count 0 " + flags + " -topic " + topic, brokers);
    }

    void consume() {
        pod(consumer(), "consume -count 0 -channel counted " + flags + " -topic " + topic, lookups);
    }

    private String producer() {
        return "produce-" + topic;
    }

    private String consumer() {
        return "consume-" + topic;
    }

    private void pod(String name, String words, String addresses) {
        var arguments = new ArrayList<>(List.of(words.split(" ")));
        arguments.addAll(List.of("-limit", "10m", "-status", ":" + STATUS_PORT));
        arguments.addAll(List.of(addresses.split(" ")));
        namespace
                .client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace.name())
                        .endMetadata()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .withTerminationGracePeriodSeconds(0L)
                        .addNewContainer()
                        .withName("counted")
                        .withImage(Kubernetes.CLIENT_IMAGE)
                        .withImagePullPolicy("IfNotPresent")
                        .withArgs(arguments)
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private JsonNode status(String pod) throws JsonProcessingException {
        return JSON.readTree(namespace.http("GET", pod, STATUS_PORT, "/status", null));
    }

    long acknowledged() {
        return Await.until("the producer says how far it is", LIMIT, () -> status(producer()), JsonNode::isObject)
                .path("acknowledged")
                .asLong();
    }

    private long delivered() throws JsonProcessingException {
        return status(consumer()).path("distinct").asLong();
    }

    private void awaitDelivered(long count) {
        Await.until(
                count + " messages of topic " + topic + " are delivered", LIMIT, this::delivered, got -> got >= count);
    }

    /// Waits until this many messages are acknowledged.
    void awaitAcknowledged(long count) {
        Await.until(
                count + " messages of topic " + topic + " are acknowledged",
                LIMIT,
                () -> status(producer()).path("acknowledged").asLong(),
                got -> got >= count);
    }

    /// Waits until a publish is refused for a reason with this word.
    void awaitRefused(String word) {
        Await.until(
                "a publish to topic " + topic + " is refused: " + word,
                LIMIT,
                () -> status(producer()).path("lastError").asText(),
                error -> error.contains(word));
    }

    /// Waits until messages that are published from now on have arrived.
    void awaitFlow() {
        awaitDelivered(acknowledged() + 200);
    }

    /// Waits until further messages are acknowledged, and asks the producer past the API server, at this
    /// address.
    void awaitAcknowledgedPast(String producerAddress) {
        long before = acknowledgedPast(producerAddress);
        Await.until(
                "messages of topic " + topic + " are acknowledged",
                LIMIT,
                () -> acknowledgedPast(producerAddress),
                count -> count >= before + 200);
    }

    private long acknowledgedPast(String producerAddress) {
        try {
            var answer = namespace
                    .kubernetes()
                    .onNode("wget -qO- http://" + producerAddress + ":" + STATUS_PORT + "/status");
            return JSON.readTree(answer).path("acknowledged").asLong();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// Where the producer is asked.
    String producerAddress() {
        return namespace.pod(producer()).getStatus().getPodIP();
    }

    /// Waits until a broker has taken messages from the producers, by the address that they were given.
    void awaitPublishedAt(String broker) {
        var before = published(broker);
        Await.until(
                "messages of topic " + topic + " are published at " + broker,
                LIMIT,
                () -> published(broker),
                count -> count > before);
    }

    private long published(String broker) {
        return Await.until("the producer says how far it is", LIMIT, () -> status(producer()), JsonNode::isObject)
                .path("byAddress")
                .path(broker)
                .asLong();
    }

    /// Stops the producers, waits until everything that was acknowledged is delivered, and counts.
    Tally finish() {
        namespace.http("POST", producer(), STATUS_PORT, "/stop", null);
        Await.until(
                "the producers of topic " + topic + " have stopped",
                LIMIT,
                () -> status(producer()),
                status -> status.path("running").asLong() == 0);
        long acknowledged = acknowledged();
        var consumed = Await.until(
                "all " + acknowledged + " acknowledged messages of topic " + topic + " are delivered",
                LIMIT,
                () -> status(consumer()),
                status -> status.path("distinct").asLong() >= acknowledged);
        return new Tally(
                acknowledged,
                consumed.path("distinct").asLong(),
                consumed.path("duplicates").asLong(),
                consumed.path("missing").toString());
    }
}
