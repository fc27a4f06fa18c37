package io.waystation.operator.api;

/// Why a condition of a Topic or Channel is what it is, and what to do.
public enum TopicReason {
    Applied("Nothing need be done."),
    Applying("Some brokers have it, others are awaited. Nothing need be done."),
    ClusterNotFound("Apply the MessageCluster that `clusterRef` names; the Topic follows by itself."),
    ClusterNotReady("No broker of the cluster is ready yet; see the MessageCluster."),
    ClusterReplaced("The MessageCluster of this name is another one now. Delete this resource and apply it"
            + " again, or set its annotation `waystation.io/accept-cluster` to the `status.clusterId` of the new one."),
    TopicNotFound("Apply the Topic that `topicRef` names; the Channel follows by itself."),
    OwnedByOther("Delete one of the two resources."),
    ConfigRejected("The brokers refuse it; the message says why."),
    BrokerUnreachable("A broker does not answer; it is tried again."),
    ChangedBack(
            "Nothing need be done, unless it comes again and again: then find who changes it, or take the key out of"
                    + " the spec."),
    ChangedAgain(
            "Find who changes it, or take the key out of the spec: until then it is changed back every quarter of an"
                    + " hour only."),
    NotEmpty("Deletion waits until every message is finished. Set `deletionPolicy` to Delete or Retain to end it."),
    Deleting("It is being deleted from the brokers. Nothing need be done."),
    Paused("Remove the annotation `waystation.io/paused` to go on.");

    private final String advice;

    TopicReason(String advice) {
        this.advice = advice;
    }

    public String advice() {
        return advice;
    }
}
