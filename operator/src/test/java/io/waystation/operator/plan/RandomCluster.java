package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.broker.BrokerDrain;
import io.waystation.operator.broker.BrokerSetting;
import io.waystation.operator.broker.BrokerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Facts about a cluster in any state that could be read, from a seed. Most things are as they should be, so that what
/// is rare for one broker still happens to whole clusters.
final class RandomCluster {
    static final String ID = "cluster-1";
    static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");
    private static final int MOST = 5;
    private static final List<String> SIZES = List.of("10Gi", "10240Mi", "20Gi");
    private static final List<String> TIMEOUTS = List.of("60s", "90s");

    private final SplittableRandom random;
    private final int rarity;

    RandomCluster(long seed) {
        this.random = new SplittableRandom(seed);
        this.rarity = 2 + random.nextInt(20);
    }

    private boolean rarely() {
        return random.nextInt(rarity) == 0;
    }

    private boolean veryRarely() {
        return random.nextInt(rarity * rarity) == 0;
    }

    private boolean either() {
        return random.nextBoolean();
    }

    /// With the status that another pass over the same cluster came to, or none.
    ClusterFacts facts() {
        var cluster = cluster(spec());
        var before = facts(cluster);
        if (either()) {
            cluster.setStatus(ClusterPlanner.plan(before).status());
            cluster.getMetadata().setGeneration(either() ? 1L : 2L);
            if (either()) {
                cluster.setSpec(spec());
            }
        }
        return either() ? facts(cluster) : later(before, cluster);
    }

    /// What was read before, a while ago.
    private ClusterFacts later(ClusterFacts facts, MessageCluster cluster) {
        return with(facts, cluster, NOW.plusSeconds(random.nextInt(120)));
    }

    static ClusterFacts with(ClusterFacts facts, MessageCluster cluster, Instant now) {
        return new ClusterFacts(
                cluster,
                facts.defaultImage(),
                facts.notice(),
                now,
                facts.brokerSet(),
                facts.lookupSet(),
                facts.brokers(),
                facts.lookups(),
                facts.claims(),
                facts.withoutVolume(),
                facts.findings());
    }

    static ClusterFacts with(ClusterFacts facts, MessageClusterStatus status) {
        var cluster = cluster(facts.spec());
        cluster.setMetadata(facts.cluster().getMetadata());
        cluster.setStatus(status);
        return with(facts, cluster, facts.now());
    }

    /// The same when no broker answers.
    static ClusterFacts silent(ClusterFacts facts) {
        return new ClusterFacts(
                facts.cluster(),
                facts.defaultImage(),
                facts.notice(),
                facts.now(),
                facts.brokerSet(),
                facts.lookupSet(),
                facts.brokers().stream()
                        .map(broker -> new BrokerFacts(broker.pod(), null, "no answer"))
                        .toList(),
                facts.lookups(),
                facts.claims(),
                facts.withoutVolume(),
                facts.findings());
    }

    static MessageCluster cluster(MessageClusterSpec spec) {
        var cluster = new MessageCluster();
        cluster.setMetadata(new ObjectMetaBuilder()
                .withName("orders")
                .withNamespace("shop")
                .withUid(ID)
                .withGeneration(1L)
                .build());
        cluster.setSpec(spec);
        return cluster;
    }

    MessageClusterSpec spec() {
        var settings = new TreeMap<String, String>();
        settings.put("msg-timeout", oneOf(TIMEOUTS));
        if (rarely()) {
            settings.put("max-bytes-per-file", "1048576");
        }
        return new MessageClusterSpec(
                rarely() ? "example.org/other:1" : null,
                new MessageClusterSpec.Brokers(
                        1 + random.nextInt(MOST),
                        new MessageClusterSpec.Storage(oneOf(SIZES), null, null),
                        null,
                        settings),
                new MessageClusterSpec.Lookup(1 + random.nextInt(3), null));
    }

    private <T> T oneOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private ClusterFacts facts(MessageCluster cluster) {
        var spec = cluster.getSpec();
        var names = ClusterNames.of(cluster);
        int brokers = random.nextInt(3) == 0
                ? 1 + random.nextInt(MOST)
                : spec.brokers().count();
        int lookups = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : spec.lookupReplicas();
        var brokerPods = pods(names.brokerSet(), brokers);
        var withoutVolume = new HashSet<Integer>();
        if (rarely()) {
            withoutVolume.add(brokers - 1);
        }
        return new ClusterFacts(
                cluster,
                "waystation/waystation:0.1.0",
                Duration.ofSeconds(30),
                NOW,
                rarely() ? null : set("broker", brokers),
                rarely() ? null : set("lookup", lookups),
                brokerPods.stream().map(pod -> broker(pod, spec, names)).toList(),
                pods(names.lookupSet(), lookups).stream()
                        .map(pod -> new LookupFacts(pod, pod.ready() && !rarely() ? registered(names) : null))
                        .toList(),
                brokerPods.stream()
                        .map(pod -> new ClaimFacts(
                                names.brokerClaim(pod.ordinal()),
                                oneOf(SIZES),
                                rarely() ? null : oneOf(SIZES),
                                either() ? NOW.minusSeconds(random.nextInt(1200)) : null))
                        .toList(),
                withoutVolume,
                findings());
    }

    private Findings findings() {
        return new Findings(
                veryRarely() ? "spec.brokers.settings: refused" : null,
                veryRarely() ? "refused" : null,
                veryRarely() ? new Trouble(ClusterReason.ObjectRefused, "Service/orders: refused") : null,
                List.of(),
                rarely());
    }

    private SetFacts set(String name, int replicas) {
        return new SetFacts(
                name + "-set",
                "1",
                replicas,
                rarely() ? null : "new",
                "waystation/waystation:0.1.0",
                BrokerSettings.restartHash(Map.of()),
                name.equals("broker") ? "10Gi" : null);
    }

    private List<PodFacts> pods(String set, int replicas) {
        var pods = new ArrayList<PodFacts>();
        for (int ordinal = 0; ordinal < replicas + 1; ordinal++) {
            if (ordinal == replicas ? veryRarely() : !rarely()) {
                boolean deleting = veryRarely();
                pods.add(new PodFacts(
                        set + "-" + ordinal,
                        set + "-uid-" + ordinal,
                        rarely() ? null : "10.0.0." + ordinal,
                        !deleting && !rarely(),
                        deleting,
                        rarely() ? "old" : "new",
                        !rarely(),
                        NOW.minusSeconds(random.nextInt(2400)),
                        null));
            }
        }
        return pods;
    }

    private BrokerFacts broker(PodFacts pod, MessageClusterSpec spec, ClusterNames names) {
        if (!pod.ready() || rarely()) {
            return new BrokerFacts(pod, null, pod.ready() ? "no answer" : null);
        }
        boolean cordoned = pod.ordinal() >= spec.brokers().count() ? either() : rarely();
        var state = new BrokerState(
                "0.1." + random.nextInt(2),
                clusterId(),
                "volume-" + pod.ordinal(),
                cordoned,
                new BrokerState.SafeToStop(!rarely(), "recovery"));
        var drain = cordoned ? new BrokerDrain(true, either() ? 0 : random.nextInt(1000), 1) : null;
        var addresses = String.join(",", names.lookupAddresses(spec.lookupReplicas()));
        var settings = List.of(
                new BrokerSetting("lookupd-tcp-address", rarely() ? "" : addresses, "api", "dynamic"),
                new BrokerSetting("max-bytes-per-file", "104857600", "default", "restart"),
                new BrokerSetting(
                        "msg-timeout",
                        rarely() ? "5s" : spec.brokers().sortedSettings().getOrDefault("msg-timeout", "60s"),
                        "api",
                        "dynamic"));
        return new BrokerFacts(pod, new BrokerFacts.Report(state, settings, drain), null);
    }

    private @Nullable String clusterId() {
        if (veryRarely()) {
            return "cluster-2";
        }
        return rarely() ? null : ID;
    }

    private Set<String> registered(ClusterNames names) {
        var registered = new HashSet<String>();
        for (int ordinal = 0; ordinal <= MOST; ordinal++) {
            if (!rarely()) {
                registered.add(names.brokerHost(ordinal));
            }
        }
        return registered;
    }
}
