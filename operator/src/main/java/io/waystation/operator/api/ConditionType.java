package io.waystation.operator.api;

/// The types of conditions, in the order in which a status lists them, and what each means when it is true.
public enum ConditionType {
    Ready("The promised service exists."),
    Reconciling("The current generation is not carried out yet. Absent when not so."),
    Stalled("Only a person can help. Absent when not so."),
    Progressing("An operation runs, asked for or not. Absent when not so."),
    Degraded("The service stands, but below full redundancy. Absent when not so."),
    BrokersReady("Every broker that was asked for is ready and answers."),
    LookupReady("Every lookup that was asked for is ready and knows every broker."),
    StorageHealthy("Every volume has the size that was asked for."),
    ScaleDownBlocked("A leaving broker or lookup cannot leave, for longer than the notice time. Absent when not so."),
    RolloutBlocked("A restart waits for longer than the notice time. Absent when not so."),
    Conflict("Another resource owns the topic or channel; the message names it. Absent when not so."),
    Drifted(
            "Someone changed on the brokers what the resource says, and it was changed back; the message names the keys."
                    + " Absent an hour after it was first seen. With the reason `ChangedAgain`: what somebody else changes"
                    + " again and again, of a cluster an object, is left as it is for a quarter of an hour."),
    Paused("The resource is left alone, by annotation. Absent when not so.");

    private final String meaning;

    ConditionType(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
