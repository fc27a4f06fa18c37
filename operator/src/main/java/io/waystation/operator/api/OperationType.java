package io.waystation.operator.api;

/// What a cluster's operation does; it takes one pod at a time out of service.
public enum OperationType {
    ScaleDown("A broker that is too many is drained and removed."),
    Restart("A broker restarts, so that it follows its settings and template."),
    LookupScaleDown("A lookup that is too many is removed."),
    LookupRestart("A lookup restarts, so that it follows its template.");

    private final String meaning;

    OperationType(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
