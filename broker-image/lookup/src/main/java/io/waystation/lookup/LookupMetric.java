package io.waystation.lookup;

import static io.waystation.daemon.metrics.MetricFamily.Kind.COUNTER;
import static io.waystation.daemon.metrics.MetricFamily.Kind.GAUGE;

import io.waystation.daemon.metrics.MetricFamily;
import io.waystation.daemon.metrics.MetricFamily.Kind;
import io.waystation.daemon.metrics.MetricFamily.Unit;
import java.util.Arrays;
import java.util.List;

/// The lookup's metrics in the order of the page; `docs/metrics.md` of this module shows them as a table. There are
/// none by topic: what a topic does, its brokers tell.
enum LookupMetric {
    PRODUCERS(GAUGE, "waystation_lookup_producers", "Brokers that are connected and said who they are."),
    ACTIVE(GAUGE, "waystation_lookup_active_producers", "Those of them that were heard of lately and are offered."),
    TOPICS(GAUGE, "waystation_lookup_topics", "Known topics."),
    CHANNELS(GAUGE, "waystation_lookup_channels", "Known channels."),
    REGISTRATIONS(
            GAUGE, "waystation_lookup_registrations", "Topics and channels of brokers, each counted once a broker."),
    TOMBSTONES(GAUGE, "waystation_lookup_tombstones", "Topics of brokers that are not offered because of a tombstone."),
    REFUSED(
            COUNTER,
            "waystation_lookup_registrations_refused_total",
            "Topics, channels and brokers refused because a bound of the registry was reached.");

    @SuppressWarnings("ImmutableEnumChecker") // a record, and its list is a copy
    private final MetricFamily family;

    LookupMetric(Kind kind, String name, String help, String... labels) {
        this.family = MetricFamily.of(kind, Unit.NONE, name, help, labels);
    }

    MetricFamily family() {
        return family;
    }

    /// All of them, in the order of the page.
    static List<MetricFamily> families() {
        return Arrays.stream(values()).map(LookupMetric::family).toList();
    }
}
