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
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.waystation.operator.api.Channel;
import io.waystation.operator.api.ChannelStatus;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.DeletionPolicy;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.StartFrom;
import io.waystation.operator.api.Topic;
import io.waystation.operator.apply.ServerSideApply;
import io.waystation.operator.plan.DeclarationFacts.Place;
import io.waystation.operator.plan.TopicStatuses;
import io.waystation.operator.plan.Wanted;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes Channels so, pass by pass.
@ControllerConfiguration(
        name = "channel",
        fieldManager = ServerSideApply.FIELD_MANAGER,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        informer = @Informer(onUpdateFilter = SpecChanged.class))
public final class ChannelReconciler implements Reconciler<Channel> {
    private static final String BY_TOPIC = "topic";
    private static final String BY_CLUSTER = "cluster";

    private final Declarations declarations;
    private @Nullable BrokerPods<Channel> pods;
    private @Nullable InformerEventSource<MessageCluster, Channel> clusters;

    public ChannelReconciler(Declarations declarations) {
        this.declarations = declarations;
    }

    static String name(Channel channel) {
        return Objects.requireNonNullElse(
                channel.getSpec().name(), channel.getMetadata().getName());
    }

    @Override
    public UpdateControl<Channel> reconcile(Channel channel, Context<Channel> context) throws Exception {
        if (context.isPrimaryResourceDeleted()) {
            return UpdateControl.noUpdate();
        }
        var topic = context.getSecondaryResource(Topic.class).orElse(null);
        var cluster = topic == null
                ? status(channel).cluster()
                : topic.getSpec().clusterRef().name();
        var bulkhead = channel.getMetadata().getNamespace() + "/" + cluster;
        return declarations.pass(bulkhead, () -> {
            var next = channel.isMarkedForDeletion() ? delete(channel, topic) : declare(channel, topic);
            return next == null
                    ? UpdateControl.<Channel>noUpdate()
                    : UpdateControl.<Channel>noUpdate().rescheduleAfter(next);
        });
    }

    private @Nullable Duration declare(Channel channel, @Nullable Topic topic) {
        declarations.keepFinalizer(channel, channel.getSpec().policy() != DeletionPolicy.Retain);
        var before = status(channel);
        var cluster = topic == null ? null : cluster(topic);
        Place place = topic == null || topic.isMarkedForDeletion()
                ? Declarations.unlessPaused(
                        channel, new Place.NoTopic(channel.getSpec().topicRef().name()))
                : declarations.place(channel, topic.getSpec().clusterRef().name(), cluster, before.clusterId());
        var outcome = declarations.declare(
                channel,
                subject(channel, topic == null ? "" : TopicReconciler.name(topic)),
                new Declarations.Before(before.observedGeneration(), before.conditionList(), before.corrections()),
                place,
                cluster == null ? List.of() : Objects.requireNonNull(pods).views(cluster));
        write(channel, topic, outcome, before);
        return outcome.nextPass();
    }

    private @Nullable MessageCluster cluster(Topic topic) {
        return Objects.requireNonNull(clusters)
                .get(new ResourceID(
                        topic.getSpec().clusterRef().name(), topic.getMetadata().getNamespace()))
                .filter(found -> !found.isMarkedForDeletion())
                .orElse(null);
    }

    private void write(Channel channel, @Nullable Topic topic, Declarations.Outcome outcome, ChannelStatus before) {
        var fresh = new Channel();
        fresh.setStatus(TopicStatuses.channel(
                before,
                channel.getMetadata().getGeneration(),
                outcome.place(),
                outcome.conditions(),
                outcome.corrections(),
                topic == null ? null : topic.getSpec().clusterRef().name(),
                topic == null ? null : TopicReconciler.name(topic),
                name(channel),
                outcome.brokers()));
        declarations.writeStatus(channel, fresh, before.conditionList(), outcome.conditions());
    }

    /// A Topic that went first is remembered in the status.
    private @Nullable Duration delete(Channel channel, @Nullable Topic topic) {
        var before = status(channel);
        var clusterName =
                topic == null ? before.cluster() : topic.getSpec().clusterRef().name();
        var topicName = topic == null ? before.topic() : TopicReconciler.name(topic);
        var cluster = clusterName == null || topicName == null
                ? null
                : LiveCluster.find(declarations.client(), channel.getMetadata().getNamespace(), clusterName)
                        .orElse(null);
        var outcome = declarations.delete(
                channel,
                subject(channel, topicName == null ? "" : topicName),
                channel.getSpec().policy(),
                before.conditionList(),
                cluster == null ? null : Objects.requireNonNull(pods).views(cluster));
        if (outcome == null) {
            return null;
        }
        write(channel, topic, outcome, before);
        return outcome.nextPass();
    }

    private Subject subject(Channel channel, String topic) {
        StartFrom startFrom = channel.getSpec().startFrom();
        return new Subject.OfChannel(
                declarations.brokers(),
                topic,
                name(channel),
                Wanted.of(channel.getSpec()),
                startFrom == null ? null : startFrom.name().toLowerCase(Locale.ROOT));
    }

    private static ChannelStatus status(Channel channel) {
        return Objects.requireNonNullElse(channel.getStatus(), ChannelStatus.NONE);
    }

    @Override
    public List<EventSource<?, Channel>> prepareEventSources(EventSourceContext<Channel> context) {
        var channels = context.getPrimaryCache();
        channels.addIndexers(Map.of(
                BY_TOPIC,
                channel -> List.of(channel.getMetadata().getNamespace() + "/"
                        + channel.getSpec().topicRef().name())));
        var topics = new InformerEventSource<Topic, Channel>(
                InformerEventSourceConfiguration.from(Topic.class, Channel.class)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(topic -> channelsOf(context, topic))
                        .withPrimaryToSecondaryMapper((Channel channel) -> Set.of(new ResourceID(
                                channel.getSpec().topicRef().name(),
                                channel.getMetadata().getNamespace())))
                        .withOnUpdateFilter(ChannelReconciler::isOtherwiseReady)
                        .build(),
                context);
        topics.addIndexers(Map.of(
                BY_CLUSTER,
                topic -> List.of(topic.getMetadata().getNamespace() + "/"
                        + topic.getSpec().clusterRef().name())));
        clusters = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(MessageCluster.class, Channel.class)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(cluster -> channelsOf(
                                context,
                                topics,
                                cluster.getMetadata().getNamespace(),
                                cluster.getMetadata().getName()))
                        .withPrimaryToSecondaryMapper((Channel channel) -> Set.of())
                        .withOnUpdateFilter(Declarations::isAnotherCluster)
                        .build(),
                context);
        pods = new BrokerPods<>(
                Channel.class, context, (namespace, cluster) -> channelsOf(context, topics, namespace, cluster));
        return List.of(topics, clusters, pods.source());
    }

    private static boolean isOtherwiseReady(Topic now, Topic before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || now.isMarkedForDeletion() != before.isMarkedForDeletion()
                || !Objects.equals(readiness(now), readiness(before));
    }

    private static String readiness(Topic topic) {
        return topic.getStatus() == null
                ? ""
                : Condition.find(topic.getStatus().conditionList(), ConditionType.Ready)
                        .map(ready -> ready.status() + ready.message())
                        .orElse("");
    }

    private static Set<ResourceID> channelsOf(EventSourceContext<Channel> context, Topic topic) {
        var channels = new HashSet<ResourceID>();
        var key = topic.getMetadata().getNamespace() + "/" + topic.getMetadata().getName();
        for (var channel : context.getPrimaryCache().byIndex(BY_TOPIC, key)) {
            channels.add(ResourceID.fromResource(channel));
        }
        return channels;
    }

    private static Set<ResourceID> channelsOf(
            EventSourceContext<Channel> context,
            InformerEventSource<Topic, Channel> topics,
            String namespace,
            String cluster) {
        var channels = new HashSet<ResourceID>();
        for (var topic : topics.byIndex(BY_CLUSTER, namespace + "/" + cluster)) {
            channels.addAll(channelsOf(context, topic));
        }
        return channels;
    }
}
