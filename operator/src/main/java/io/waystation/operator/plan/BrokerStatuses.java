package io.waystation.operator.plan;

import io.waystation.operator.api.MessageClusterStatus.Broker;
import io.waystation.operator.api.MessageClusterStatus.Drain;
import io.waystation.operator.api.MessageClusterStatus.SafeToStop;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the status of a cluster says of each broker.
final class BrokerStatuses {
    private static final Duration DRAIN_REFRESH = Duration.ofSeconds(10);

    private BrokerStatuses() {}

    static List<Broker> list(ClusterFacts facts) {
        return facts.brokers().stream().map(broker -> broker(facts, broker)).toList();
    }

    /// Which volume and version a pod has does not change while it lives: a broker that does not answer for a
    /// moment has not lost them.
    private static Broker broker(ClusterFacts facts, BrokerFacts broker) {
        var report = broker.report();
        var said = report == null
                ? before(facts, broker)
                        .filter(known -> broker.pod().uid().equals(known.podUid()))
                        .orElse(null)
                : null;
        return new Broker(
                broker.ordinal(),
                broker.name(),
                broker.pod().uid(),
                report == null
                        ? said == null ? null : said.volumeId()
                        : report.info().volumeId(),
                report == null
                        ? said == null ? null : said.version()
                        : report.info().version(),
                state(broker),
                safeToStop(facts, broker),
                drain(facts, broker));
    }

    /// Unknown, and absent, while the broker does not answer.
    private static @Nullable SafeToStop safeToStop(ClusterFacts facts, BrokerFacts broker) {
        if (broker.report() == null) {
            return null;
        }
        int replicas = facts.brokerSet() == null ? 0 : facts.brokerSet().replicas();
        var obstacle = RestartPlanner.brokerObstacle(facts, broker, replicas);
        return new SafeToStop(obstacle == null, obstacle == null ? null : obstacle.message());
    }

    private static Optional<Broker> before(ClusterFacts facts, BrokerFacts broker) {
        return facts.status().brokerList().stream()
                .filter(known -> known.id() == broker.ordinal())
                .findFirst();
    }

    private static String state(BrokerFacts broker) {
        if (!broker.pod().ready()) {
            return "NotReady";
        }
        if (broker.report() == null) {
            return "Unreachable";
        }
        return broker.isCordoned() ? "Cordoned" : "Ready";
    }

    /// The numbers move every ten seconds at most, and at once to and from zero.
    static @Nullable Drain drain(ClusterFacts facts, BrokerFacts broker) {
        var read = broker.report() == null ? null : broker.report().drain();
        if (read == null || !read.cordoned()) {
            return null;
        }
        var fresh = new Drain(read.unfinished(), read.consumers(), Times.text(facts.now()));
        var before = before(facts, broker).map(Broker::drain).orElse(null);
        if (before == null) {
            return fresh;
        }
        boolean same = before.unfinished() == fresh.unfinished() && before.consumers() == fresh.consumers();
        boolean young = facts.now().isBefore(Instant.parse(before.readAt()).plus(DRAIN_REFRESH));
        boolean toOrFromZero = (before.unfinished() == 0) != (fresh.unfinished() == 0);
        return same || (young && !toOrFromZero) ? before : fresh;
    }

    /// The lowest version that a broker reports; the one before while none does.
    static @Nullable String version(ClusterFacts facts) {
        return facts.brokers().stream()
                .map(BrokerFacts::report)
                .filter(Objects::nonNull)
                .map(report -> report.info().version())
                .min(BrokerStatuses::compareVersions)
                .orElse(facts.status().version());
    }

    /// Number by number, so that 0.9 comes before 0.10; what is not a number, by its letters.
    private static int compareVersions(String left, String right) {
        var leftParts = left.split("[.+-]", -1);
        var rightParts = right.split("[.+-]", -1);
        int shared = Math.min(leftParts.length, rightParts.length);
        for (int i = 0; i < shared; i++) {
            int order = compareParts(leftParts[i], rightParts[i]);
            if (order != 0) {
                return order;
            }
        }
        return Arrays.compare(leftParts, rightParts);
    }

    private static int compareParts(String left, String right) {
        boolean numbers = left.matches("[0-9]{1,9}") && right.matches("[0-9]{1,9}");
        return numbers ? Integer.compare(Integer.parseInt(left), Integer.parseInt(right)) : left.compareTo(right);
    }
}
