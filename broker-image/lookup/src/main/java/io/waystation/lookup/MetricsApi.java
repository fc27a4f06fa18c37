package io.waystation.lookup;

import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.metrics.DaemonFigures;
import io.waystation.daemon.metrics.Exposition;
import io.waystation.daemon.metrics.ExpositionFormat;

/// `GET /metrics`.
final class MetricsApi {
    private final RegistrationDb registrations;
    private final HttpApi http;

    MetricsApi(RegistrationDb registrations, HttpApi http) {
        this.registrations = registrations;
        this.http = http;
    }

    void addTo(HttpApi api) {
        api.route("GET", "/metrics", 0, this::page);
    }

    private HttpReply page(HttpRequest request) {
        var counts = registrations.counts();
        var page = new Exposition(ExpositionFormat.accepted(request.accept()));
        page.family(LookupMetric.PRODUCERS.family()).sample(counts.producers());
        page.family(LookupMetric.ACTIVE.family()).sample(counts.activeProducers());
        page.family(LookupMetric.TOPICS.family()).sample(counts.topics());
        page.family(LookupMetric.CHANNELS.family()).sample(counts.channels());
        page.family(LookupMetric.REGISTRATIONS.family()).sample(counts.registrations());
        page.family(LookupMetric.TOMBSTONES.family()).sample(counts.tombstones());
        page.family(LookupMetric.REFUSED.family()).sample(counts.refused());
        DaemonFigures.write(page, http.replies());
        return page.reply();
    }
}
