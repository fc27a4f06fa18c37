package io.waystation.sim;

import io.waystation.broker.topic.PublishWaiter;

/// A producer whose publishes are all stored.
final class SureProducer implements PublishWaiter {
    @Override
    public void onPublished(int ticket) {
        // As expected.
    }

    @Override
    public void onPublishFailed(int ticket, String cause) {
        throw new AssertionError(cause);
    }
}
