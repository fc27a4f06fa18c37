package io.waystation.operator.api;

/// Why a condition of a MessageCluster is what it is, and what to do.
public enum ClusterReason {
    AllServing("Nothing need be done."),
    Creating("The first brokers and lookups start. Nothing need be done; `BrokersReady` says what is missing."),
    BrokersUnavailable("No broker is ready. See `BrokersReady` and the pods' events."),
    BrokerUnreachable("A broker is not ready or does not answer: what it holds waits. See the pod's events and log."),
    LookupUnavailable("No lookup is ready, or one is missing. See the events of the lookups' pods."),
    NotRegistered("A lookup does not know every broker yet. Brokers register within 15 s; then look at their log."),
    RollingUpdate("Brokers or lookups are restarted one at a time. Nothing need be done."),
    ScalingUp("Brokers or lookups are added. Nothing need be done."),
    Applying("Objects and settings are brought in line with the spec. Nothing need be done."),
    Draining("A leaving broker is cordoned until consumers have finished its messages. Nothing need be done."),
    MessagesLeft("Consumers must finish, or someone must empty or delete, what the leaving broker holds; or raise the"
            + " number of brokers again."),
    OthersNotReady("Nothing is taken out of service while another broker or lookup is not ready. Repair that one."),
    NotSafeToStop("The broker says that stopping it would lose something; the message says what."),
    DrainUnreadable("The broker does not say what it holds; it is not removed until it does. See its log."),
    NotCordoned("The leaving broker takes messages although it was told not to; it is told again. See its log."),
    NotStopped("The pod does not end. See its events: its node may be lost."),
    PodNotScheduled("No node takes the pod. See its events: resources, volume, taints."),
    ImageUnavailable("The image cannot be pulled. Correct `spec.image`, or make it available."),
    PodFailing("The container ends again and again; the message has its last words. Often a wrong setting."),
    SpecRefused("The brokers refuse a setting; the message says which and what would be right."),
    VolumeMismatch("A broker's volume belongs to another cluster. The operator leaves the cluster alone until the"
            + " volume is removed."),
    Resizing("Volumes grow. Nothing need be done; if it does not end, see the events of the claim."),
    ResizeRefused("Kubernetes refuses to let a volume grow; the message says why. Often the storage class has no"
            + " `allowVolumeExpansion`."),
    StorageShrinkRefused("A volume is larger than the spec says, and volumes do not shrink. Correct the size."),
    NameTaken(
            "An object of that name is not the operator's, which leaves it alone. Rename one of the two, or delete it."),
    ObjectRefused(
            "Kubernetes refuses an object of the cluster; the message says why. Often a wrong field of the spec, or a"
                    + " quota."),
    ChangedAgain("Find who changes it, by the field manager in the message, and end that: until then it is changed back"
            + " every quarter of an hour only."),
    StateUnreadable("A broker or lookup could not be asked; it is tried again."),
    Paused("Remove the annotation `waystation.io/paused` to go on.");

    private final String advice;

    ClusterReason(String advice) {
        this.advice = advice;
    }

    public String advice() {
        return advice;
    }
}
