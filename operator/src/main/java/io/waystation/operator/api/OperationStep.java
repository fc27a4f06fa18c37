package io.waystation.operator.api;

/// How far a cluster's operation is.
public enum OperationStep {
    Waiting("The pod may not be taken out of service yet."),
    Cordoning("The leaving broker is told to take no more messages."),
    Draining("The leaving broker still holds messages, or does not say."),
    Removing("The number is lowered by one."),
    Stopping("The pod is told to end, or ends."),
    Starting("The pod is awaited again.");

    private final String meaning;

    OperationStep(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
