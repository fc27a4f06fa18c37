package io.waystation.operator.api;

/// Why the operator restarts a broker or lookup.
public enum RestartReason {
    TemplateChanged("It comes from an older template: its image, resources or a setting that needs a restart changed."),
    SettingRemoved("A setting was taken out of the spec; it goes back to its default when the broker starts."),
    FileWasChanged("Somebody had changed its configuration file when it started, and the file was changed back."),
    FileSystemResizePending("Its volume has grown and the file system on it has not: that happens at the next start."),
    NotReady("It is not ready and comes from an older template: the newer one may cure it.");

    private final String meaning;

    RestartReason(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
