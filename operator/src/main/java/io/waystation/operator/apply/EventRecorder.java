package io.waystation.operator.apply;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.waystation.operator.plan.PlannedEvent;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records acts and changes of mind as Kubernetes events of the resource they concern. An event that cannot be
/// written is logged and forgotten: nothing depends on one. Safe from any thread: immutable.
public final class EventRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

    private final KubernetesClient client;
    private final Clock clock;

    public EventRecorder(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    public void record(HasMetadata about, PlannedEvent told) {
        var reason = told.reason().name();
        var metadata = about.getMetadata();
        LOG.atInfo()
                .addKeyValue("resource", about.getKind() + "/" + metadata.getNamespace() + "/" + metadata.getName())
                .addKeyValue("reason", reason)
                .log(told.message());
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        var event = new EventBuilder()
                .withNewMetadata()
                .withNamespace(metadata.getNamespace())
                .withGenerateName(metadata.getName() + ".")
                .endMetadata()
                .withType(told.reason().isWarning() ? "Warning" : "Normal")
                .withReason(reason)
                .withMessage(told.message())
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(ServerSideApply.FIELD_MANAGER)
                .endSource()
                .withNewInvolvedObject()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .endInvolvedObject()
                .build();
        try {
            client.resource(event).create();
        } catch (KubernetesClientException refused) {
            LOG.atDebug().addKeyValue("reason", reason).setCause(refused).log("event not recorded");
        }
    }
}
