package io.waystation.operator.apply;

import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.ClusterPlan.Cordon;

/// Takes brokers out of publishing and back. Safe from any thread: immutable.
public final class Cordons {
    private final ServerSideApply apply;
    private final BrokerClient brokers;

    public Cordons(ServerSideApply apply, BrokerClient brokers) {
        this.apply = apply;
        this.brokers = brokers;
    }

    /// Producers are sent elsewhere before the broker refuses them, and come back after it takes them again.
    public void carryOut(String namespace, Cordon cordon) throws BrokerSilentException, BrokerRefusedException {
        if (cordon.cordoned()) {
            label(namespace, cordon, "false");
            brokers.cordon(cordon.address(), true);
        } else {
            brokers.cordon(cordon.address(), false);
            label(namespace, cordon, "true");
        }
    }

    private void label(String namespace, Cordon cordon, String value) {
        apply.label(namespace, cordon.pod(), cordon.podUid(), ClusterNames.ACCEPTS_PUBLISHES, value);
    }
}
