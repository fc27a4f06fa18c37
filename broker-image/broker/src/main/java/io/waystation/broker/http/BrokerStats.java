package io.waystation.broker.http;

import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.TopicStats;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What /stats shows, as the request wants it. Topics and producers are asked for while they are written, each shown as
/// it is then.
///
/// @param damaged topics that are out of service, each with what is wrong
/// @param topics null when the request names a topic that is not there
/// @param producers null when the request does without clients
record BrokerStats(
        String health,
        long startSeconds,
        @Nullable Iterator<TopicStats> topics,
        Map<String, String> damaged,
        @Nullable Iterator<ClientStats> producers,
        boolean withClients,
        boolean withMemory) {
    static final String NSQD_VERSION = "1.3.0";
}
