package io.waystation.broker.topic;

/// Told about every topic and channel that comes or goes, so that lookups learn of it. Called from any thread; must not
/// block.
public interface TopicListener {
    void onTopicCreated(String topic);

    void onTopicDeleted(String topic);

    void onChannelCreated(String topic, String channel);

    void onChannelDeleted(String topic, String channel);
}
