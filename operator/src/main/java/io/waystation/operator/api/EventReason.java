package io.waystation.operator.api;

/// Why the operator writes an event.
public enum EventReason {
    DrainStarted(false, "A broker that is too many takes no more messages."),
    DrainCancelled(false, "The number of brokers was raised again: the broker stays and takes messages again."),
    BrokerRemoved(false, "A broker was empty and left; its volume stays."),
    LookupRemoved(false, "A lookup that was too many left."),
    Restarting(false, "A broker or lookup was told to end, so that it comes back; the message has the reason."),
    Stalled(true, "Only a person can help; the message has the condition's reason and what is wrong."),
    ScaleDownBlocked(true, "A broker or lookup cannot leave, for longer than the notice time."),
    RolloutBlocked(true, "A restart waits for longer than the notice time."),
    Drifted(true, "Somebody else changes something again and again; it is left as it is for a quarter of an hour."),
    Adopted(false, "A topic or channel that was there already belongs to the resource now, with its messages."),
    Changed(false, "A topic or channel was changed back to what the resource says."),
    Corrected(
            false,
            "An object of a cluster was not as its spec says, though it had been: someone changed it by hand, or an"
                    + " older operator made it. Now it is again."),
    Retained(false, "The resource is gone; the brokers keep the messages."),
    ReleasedWithCluster(false, "The resource is gone; there was no cluster any more to delete anything from."),
    Deleted(false, "The topic or channel is gone from every broker."),
    DeletedWithoutBroker(true, "The resource is gone, but a broker could not be asked and may still have it.");

    private final boolean warning;
    private final String meaning;

    EventReason(boolean warning, String meaning) {
        this.warning = warning;
        this.meaning = meaning;
    }

    public boolean isWarning() {
        return warning;
    }

    public String meaning() {
        return meaning;
    }
}
