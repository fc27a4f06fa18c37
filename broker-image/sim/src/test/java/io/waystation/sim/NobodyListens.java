package io.waystation.sim;

import io.waystation.broker.topic.TopicListener;

/// Takes no note of topics and channels.
final class NobodyListens implements TopicListener {
    @Override
    public void onTopicCreated(String name) {
        // nobody
    }

    @Override
    public void onTopicDeleted(String name) {
        // nobody
    }

    @Override
    public void onChannelCreated(String name, String channel) {
        // nobody
    }

    @Override
    public void onChannelDeleted(String name, String channel) {
        // nobody
    }
}
