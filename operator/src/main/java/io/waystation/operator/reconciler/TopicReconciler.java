package io.waystation.operator.reconciler;

import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.waystation.operator.api.DeletionPolicy;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.Topic;
import io.waystation.operator.api.TopicStatus;
import io.waystation.operator.apply.ServerSideApply;
import io.waystation.operator.plan.TopicStatuses;
import io.waystation.operator.plan.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes Topics so, pass by pass.
@ControllerConfiguration(
        name = "topic",
        fieldManager = ServerSideApply.FIELD_MANAGER,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        informer = @Informer(onUpdateFilter = SpecChanged.class))
public final class TopicReconciler implements Reconciler<Topic> {
    private static final String BY_CLUSTER = "cluster";

    private final Declarations declarations;
    private @Nullable BrokerPods<Topic> pods;

    public TopicReconciler(Declarations declarations) {
        this.declarations = declarations;
    }

    static String name(Topic topic) {
        return Objects.requireNonNullElse(
                topic.getSpec().name(), topic.getMetadata().getName());
    }

    @Override
    public UpdateControl<Topic> reconcile(Topic topic, Context<Topic> context) throws Exception {
        if (context.isPrimaryResourceDeleted()) {
            return UpdateControl.noUpdate();
        }
        var bulkhead = topic.getMetadata().getNamespace() + "/"
                + topic.getSpec().clusterRef().name();
        return declarations.pass(bulkhead, () -> {
            var next = topic.isMarkedForDeletion() ? delete(topic) : declare(topic, context);
            return next == null
                    ? UpdateControl.<Topic>noUpdate()
                    : UpdateControl.<Topic>noUpdate().rescheduleAfter(next);
        });
    }

    private @Nullable Duration declare(Topic topic, Context<Topic> context) {
        declarations.keepFinalizer(topic, topic.getSpec().policy() != DeletionPolicy.Retain);
        var before = status(topic);
        var cluster = context.getSecondaryResource(MessageCluster.class)
                .filter(found -> !found.isMarkedForDeletion())
                .orElse(null);
        var place = declarations.place(topic, topic.getSpec().clusterRef().name(), cluster, before.clusterId());
        var outcome = declarations.declare(
                topic,
                subject(topic),
                new Declarations.Before(before.observedGeneration(), before.conditionList(), before.corrections()),
                place,
                cluster == null ? List.of() : Objects.requireNonNull(pods).views(cluster));
        write(topic, outcome, before);
        return outcome.nextPass();
    }

    private void write(Topic topic, Declarations.Outcome outcome, TopicStatus before) {
        var fresh = new Topic();
        fresh.setStatus(TopicStatuses.topic(
                before,
                topic.getMetadata().getGeneration(),
                outcome.place(),
                outcome.conditions(),
                outcome.corrections(),
                name(topic),
                outcome.brokers()));
        declarations.writeStatus(topic, fresh, before.conditionList(), outcome.conditions());
    }

    private @Nullable Duration delete(Topic topic) {
        var before = status(topic);
        var cluster = LiveCluster.find(
                        declarations.client(),
                        topic.getMetadata().getNamespace(),
                        topic.getSpec().clusterRef().name())
                .orElse(null);
        var outcome = declarations.delete(
                topic,
                subject(topic),
                topic.getSpec().policy(),
                before.conditionList(),
                cluster == null ? null : Objects.requireNonNull(pods).views(cluster));
        if (outcome == null) {
            return null;
        }
        write(topic, outcome, before);
        return outcome.nextPass();
    }

    private Subject subject(Topic topic) {
        return new Subject.OfTopic(declarations.brokers(), name(topic), Wanted.of(topic.getSpec()));
    }

    private static TopicStatus status(Topic topic) {
        return Objects.requireNonNullElse(topic.getStatus(), TopicStatus.NONE);
    }

    @Override
    public List<EventSource<?, Topic>> prepareEventSources(EventSourceContext<Topic> context) {
        var topics = context.getPrimaryCache();
        topics.addIndexers(Map.of(
                BY_CLUSTER,
                topic -> List.of(topic.getMetadata().getNamespace() + "/"
                        + topic.getSpec().clusterRef().name())));
        pods = new BrokerPods<>(Topic.class, context, (namespace, cluster) -> topicsOf(topics, namespace, cluster));
        var clusters = new InformerEventSource<MessageCluster, Topic>(
                InformerEventSourceConfiguration.from(MessageCluster.class, Topic.class)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(cluster -> topicsOf(
                                topics,
                                cluster.getMetadata().getNamespace(),
                                cluster.getMetadata().getName()))
                        .withPrimaryToSecondaryMapper((Topic topic) -> Set.of(new ResourceID(
                                topic.getSpec().clusterRef().name(),
                                topic.getMetadata().getNamespace())))
                        .withOnUpdateFilter(Declarations::isAnotherCluster)
                        .build(),
                context);
        return List.of(clusters, pods.source());
    }

    private static Set<ResourceID> topicsOf(IndexerResourceCache<Topic> topics, String namespace, String cluster) {
        return topics.byIndex(BY_CLUSTER, namespace + "/" + cluster).stream()
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
