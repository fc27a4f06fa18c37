package io.waystation.broker.topic;

/// What a channel has done since the process began. Immutable.
///
/// @param deliveryCount messages pushed to consumers, again and again included
/// @param expiredCount messages given up because they were too old; those that went to the dead-letter topic included
/// @param droppedCount messages given up that nobody gets
/// @param measuredCount messages whose time from publish to FIN was measured; none unless it is to be shown
/// @param measuredMs how long these took, all together
record ChannelCounts(
        long deliveryCount,
        NearbyStats nearby,
        long finishCount,
        long requeueCount,
        long timeoutCount,
        long expiredCount,
        long deadLetterCount,
        long droppedCount,
        long measuredCount,
        long measuredMs) {
    static final ChannelCounts NONE = new ChannelCounts(0, new NearbyStats(0, 0, 0), 0, 0, 0, 0, 0, 0, 0, 0);
}
