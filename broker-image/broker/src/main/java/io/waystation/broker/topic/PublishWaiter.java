package io.waystation.broker.topic;

/// Whoever wants to know what became of a publish. Called on the topic's loop, once a ticket.
public interface PublishWaiter {
    /// The message is stored as durably as its topic promises.
    void onPublished(int ticket);

    /// The message is not stored; `cause` is fit for the publisher's eyes.
    void onPublishFailed(int ticket, String cause);
}
