package io.waystation.operator.plan;

import org.jspecify.annotations.Nullable;

/// A topic or channel as seen on the broker in this pod; there is an address unless the pod is not ready.
public record BrokerView(String pod, @Nullable String address, OnBroker state) {
    public BrokerView with(OnBroker next) {
        return new BrokerView(pod, address, next);
    }
}
