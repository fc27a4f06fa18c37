package io.waystation.operator.plan;

import io.waystation.operator.broker.Owner;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of a topic or channel on one broker.
public sealed interface OnBroker {
    /// It is there; `settings` are as the broker's JSON has them.
    record Present(@Nullable Owner owner, boolean paused, Map<String, Object> settings, Figures figures)
            implements OnBroker {}

    /// It is there, and was not deleted because of messages that came in between.
    record NotEmpty(long unfinished) implements OnBroker {}

    /// It is not there.
    record Absent() implements OnBroker {}

    /// Not even the topic of the channel is there.
    record TopicAbsent() implements OnBroker {}

    /// It is not there, and the broker, which is leaving, takes nothing new.
    record Cordoned() implements OnBroker {}

    /// The broker's pod is not ready.
    record NotReady() implements OnBroker {}

    /// The broker does not answer.
    record Silent(String why) implements OnBroker {}

    /// The broker does not take it.
    record Refused(String why) implements OnBroker {}
}
