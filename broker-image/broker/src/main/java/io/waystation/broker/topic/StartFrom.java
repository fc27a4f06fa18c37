package io.waystation.broker.topic;

/// Where a new channel begins.
public enum StartFrom {
    /// As in NSQ: the first channel of a topic gets what waits in the topic, a later one what follows.
    DEFAULT,
    EARLIEST,
    LATEST
}
