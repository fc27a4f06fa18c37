package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.broker.BrokerChannel;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerClient.Declaration;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.broker.BrokerTopic;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.Figures;
import io.waystation.operator.plan.OnBroker;
import io.waystation.operator.plan.Wanted;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is declared on brokers: a topic or a channel.
sealed interface Subject {
    OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException;

    Wanted wanted();

    /// Makes it so, for this owner.
    OnBroker declare(String address, Owner owner, @Nullable String expectedOwnerUid)
            throws BrokerSilentException, BrokerRefusedException;

    /// Gives it up and changes nothing else.
    OnBroker release(String address, String ownerUid) throws BrokerSilentException, BrokerRefusedException;

    void delete(String address, String ownerUid, boolean ifEmpty) throws BrokerSilentException, BrokerRefusedException;

    record OfTopic(BrokerClient brokers, String topic, Wanted wanted) implements Subject {
        @Override
        public OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException {
            return brokers.topic(address, topic).map(OfTopic::present).orElseGet(OnBroker.Absent::new);
        }

        @Override
        public OnBroker declare(String address, Owner owner, @Nullable String expectedOwnerUid)
                throws BrokerSilentException, BrokerRefusedException {
            return present(brokers.declareTopic(
                    address,
                    topic,
                    new Declaration(owner, expectedOwnerUid, wanted.paused(), null, wanted.settings())));
        }

        @Override
        public OnBroker release(String address, String ownerUid) throws BrokerSilentException, BrokerRefusedException {
            return present(brokers.declareTopic(address, topic, Declaration.release(ownerUid)));
        }

        @Override
        public void delete(String address, String ownerUid, boolean ifEmpty)
                throws BrokerSilentException, BrokerRefusedException {
            brokers.deleteTopic(address, topic, ownerUid, ifEmpty);
        }

        private static OnBroker present(BrokerTopic found) {
            return new OnBroker.Present(
                    found.owner(),
                    found.paused(),
                    Objects.requireNonNullElse(found.settings(), Map.of()),
                    Figures.of(found));
        }
    }

    record OfChannel(
            BrokerClient brokers,
            String topic,
            String channel,
            Wanted wanted,
            @Nullable String startFrom) implements Subject {
        @Override
        public OnBroker read(String address) throws BrokerSilentException, BrokerRefusedException {
            var found = brokers.topic(address, topic);
            if (found.isEmpty()) {
                return new OnBroker.TopicAbsent();
            }
            return found.get().channel(channel).map(OfChannel::present).orElseGet(OnBroker.Absent::new);
        }

        @Override
        public OnBroker declare(String address, Owner owner, @Nullable String expectedOwnerUid)
                throws BrokerSilentException, BrokerRefusedException {
            return present(brokers.declareChannel(
                    address,
                    topic,
                    channel,
                    new Declaration(owner, expectedOwnerUid, wanted.paused(), startFrom, wanted.settings())));
        }

        @Override
        public OnBroker release(String address, String ownerUid) throws BrokerSilentException, BrokerRefusedException {
            return present(brokers.declareChannel(address, topic, channel, Declaration.release(ownerUid)));
        }

        @Override
        public void delete(String address, String ownerUid, boolean ifEmpty)
                throws BrokerSilentException, BrokerRefusedException {
            brokers.deleteChannel(address, topic, channel, ownerUid, ifEmpty);
        }

        private static OnBroker present(BrokerChannel found) {
            return new OnBroker.Present(
                    found.owner(),
                    found.paused(),
                    Objects.requireNonNullElse(found.settings(), Map.of()),
                    Figures.of(found));
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
