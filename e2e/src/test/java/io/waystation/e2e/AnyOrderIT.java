package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// From `kubectl apply`, in the order that people least expect, to messages in a consumer's hands.
@ExtendWith(OnKubernetes.class)
class AnyOrderIT {
    /// Each is woken by what it waits for: of itself it would look again after a quarter of an hour, long after
    /// this test has given up.
    @Test
    void aChannelAndATopicThatCameBeforeTheirClusterFollowIt(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.channel("words-counted", "words", "name: counted"));
        namespace.awaitCondition(Kind.CHANNEL, "words-counted", "Ready", ready -> ready.is("Unknown", "TopicNotFound"));
        namespace.apply(Yaml.topic("words", "late", ""));
        namespace.awaitCondition(Kind.TOPIC, "words", "Ready", ready -> ready.is("Unknown", "ClusterNotFound"));
        namespace.awaitCondition(
                Kind.CHANNEL, "words-counted", "Ready", ready -> ready.is("Unknown", "ClusterNotFound"));

        namespace.apply(Yaml.cluster("late", 2, 2));

        namespace.awaitReady(Kind.TOPIC, "words");
        namespace.awaitReady(Kind.CHANNEL, "words-counted");
        namespace.awaitSettled("late", 2, 2);
        var load = Load.start(
                namespace,
                "words",
                2,
                500,
                "late-broker-0.late-brokers:4150 late-broker-1.late-brokers:4150 late:4150",
                "late-lookup-0.late-lookup:4161 late-lookup-1.late-lookup:4161");
        load.awaitFlow();
        var tally = load.finish();
        assertThat(tally.distinct()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
    }

    @Test
    void theOperatorMayGoBetweenAnyTwoSteps(TestNamespace namespace) throws IOException {
        var operator = namespace.kubernetes().operator();
        namespace.apply(Yaml.channel("words-counted", "words", "name: counted"));
        operator.restart();
        namespace.apply(Yaml.topic("words", "late", ""));
        operator.restart();
        namespace.apply(Yaml.cluster("late", 1, 1));
        operator.restart();

        namespace.awaitReady(Kind.TOPIC, "words");
        namespace.awaitReady(Kind.CHANNEL, "words-counted");
        namespace.awaitSettled("late", 1, 1);
        var load = Load.start(namespace, "words", 1, 500, "late:4150", "late-lookup-0.late-lookup:4161");
        load.awaitFlow();
        operator.restart();
        var tally = load.finish();
        assertThat(tally.distinct()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
    }
}
