package io.waystation.operator.plan;

import io.waystation.operator.api.DeletionPolicy;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.TopicReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Plans what is left to do before the resource of a Topic or Channel may go. It ends by itself, but for one wait that
/// was asked for: `DeleteIfEmpty` while messages are left.
public final class DeletionPlanner {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private DeletionPlanner() {}

    /// `clusterExists` is false also when the MessageCluster is being deleted, its kind is gone, or reading it is
    /// forbidden; `brokers` are all that the cluster should have.
    public record Facts(
            String selfUid,
            DeletionPolicy policy,
            boolean clusterExists,
            Instant deletedAt,
            Instant now,
            List<BrokerView> brokers) {}

    public sealed interface Verdict {
        /// The finalizer goes; `event` says why.
        record Release(PlannedEvent event) implements Verdict {}

        /// Delete it on these brokers, and look again.
        record Delete(List<BrokerView> brokers, boolean ifEmpty) implements Verdict {}

        record Wait(TopicReason reason, String message, long unfinished) implements Verdict {}
    }

    public static Verdict plan(Facts facts) {
        if (facts.policy() == DeletionPolicy.Retain) {
            return release(EventReason.Retained, "the brokers keep the messages");
        }
        if (!facts.clusterExists()) {
            return release(EventReason.ReleasedWithCluster, "there is no cluster to delete from");
        }
        var ours = new ArrayList<BrokerView>();
        var unknown = new ArrayList<String>();
        var full = new ArrayList<String>();
        long unfinished = 0;
        for (var view : facts.brokers()) {
            switch (view.state()) {
                case OnBroker.Present present
                when present.owner() != null && present.owner().uid().equals(facts.selfUid()) -> {
                    ours.add(view);
                    unfinished += present.figures().unfinished();
                    if (present.figures().unfinished() > 0) {
                        full.add(view.pod());
                    }
                }
                case OnBroker.NotEmpty there -> {
                    unfinished += there.unfinished();
                    full.add(view.pod());
                }
                case OnBroker.NotReady none -> unknown.add(view.pod());
                case OnBroker.Silent none -> unknown.add(view.pod());
                case OnBroker.Refused none -> unknown.add(view.pod());
                default -> {}
            }
        }
        boolean ifEmpty = facts.policy() == DeletionPolicy.DeleteIfEmpty;
        if (ifEmpty && !full.isEmpty()) {
            return new Verdict.Wait(
                    TopicReason.NotEmpty,
                    "not empty on " + String.join(", ", full)
                            + "; it goes when every message is finished, or when deletionPolicy is Delete or Retain",
                    unfinished);
        }
        var end = facts.deletedAt().plus(PATIENCE);
        boolean late = !facts.now().isBefore(end);
        if (!ours.isEmpty() && (!ifEmpty || unknown.isEmpty() || late)) {
            return new Verdict.Delete(ours, ifEmpty);
        }
        if (unknown.isEmpty()) {
            return release(EventReason.Deleted, "no broker has it any more");
        }
        var names = String.join(", ", unknown);
        return late
                ? release(EventReason.DeletedWithoutBroker, names + " could not be asked and may still have it")
                : new Verdict.Wait(
                        TopicReason.BrokerUnreachable,
                        names + " cannot be asked; it goes without at " + Times.text(end),
                        unfinished);
    }

    private static Verdict release(EventReason reason, String message) {
        return new Verdict.Release(new PlannedEvent(reason, message));
    }
}
