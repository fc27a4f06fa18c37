package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerClient.Declaration;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.broker.BrokerTopic;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.Figures;
import io.waystation.operator.plan.OnBroker;
import org.jspecify.annotations.Nullable;

/// What is declared on brokers: a topic or a channel.
sealed interface Subject {
    OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException;

    OnBroker declare(String address, @Nullable Owner owner, @Nullable String expectedOwnerUid)
            throws BrokerSilentException, BrokerRefusedException;

    void delete(String address, String ownerUid, boolean ifEmpty) throws BrokerSilentException, BrokerRefusedException;

    record OfTopic(
            BrokerClient brokers, String topic, @Nullable Boolean paused) implements Subject {
        @Override
        public OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException {
            return brokers.topic(address, topic).map(OfTopic::present).orElseGet(OnBroker.Absent::new);
        }

        @Override
        public OnBroker declare(String address, @Nullable Owner owner, @Nullable String expectedOwnerUid)
                throws BrokerSilentException, BrokerRefusedException {
            return present(
                    brokers.declareTopic(address, topic, new Declaration(owner, expectedOwnerUid, paused, null)));
        }

        @Override
        public void delete(String address, String ownerUid, boolean ifEmpty)
                throws BrokerSilentException, BrokerRefusedException {
            brokers.deleteTopic(address, topic, ownerUid, ifEmpty);
        }

        private static OnBroker present(BrokerTopic found) {
            return new OnBroker.Present(found.owner(), found.paused(), Figures.of(found));
        }
    }

    record OfChannel(
            BrokerClient brokers,
            String topic,
            String channel,
            @Nullable Boolean paused,
            @Nullable String startFrom) implements Subject {
        @Override
        public OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException {
            var found = brokers.topic(address, topic);
            if (found.isEmpty()) {
                return new OnBroker.TopicAbsent();
            }
            return found.get()
                    .channel(channel)
                    .<OnBroker>map(there -> new OnBroker.Present(there.owner(), there.paused(), Figures.of(there)))
                    .orElseGet(OnBroker.Absent::new);
        }

        @Override
        public OnBroker declare(String address, @Nullable Owner owner, @Nullable String expectedOwnerUid)
                throws BrokerSilentException, BrokerRefusedException {
            var there = brokers.declareChannel(
                    address, topic, channel, new Declaration(owner, expectedOwnerUid, paused, startFrom));
            return new OnBroker.Present(there.owner(), there.paused(), Figures.of(there));
        }

        @Override
        public void delete(String address, String ownerUid, boolean ifEmpty)
                throws BrokerSilentException, BrokerRefusedException {
            brokers.deleteChannel(address, topic, channel, ownerUid, ifEmpty);
        }
    }

    /// Whether the resource that a broker recorded as owner still exists; `type` is its kind.
    static boolean lives(KubernetesClient client, Class<? extends HasMetadata> type, Owner owner) {
        int slash = owner.ref().indexOf('/');
        if (slash < 0) {
            return false;
        }
        var found = client.resources(type)
                .inNamespace(owner.ref().substring(0, slash))
                .withName(owner.ref().substring(slash + 1))
                .get();
        return found != null && found.getMetadata().getUid().equals(owner.uid());
    }
}
