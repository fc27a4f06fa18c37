package io.waystation.broker.topic;

import io.waystation.channel.Proximity;
import org.jspecify.annotations.Nullable;

/// On which terms a consumer joins a channel.
///
/// @param askedTimeoutMs the message timeout that the client asked for; 0: none
/// @param defaultTimeoutMs what the broker's flag says
/// @param sampleRate 0: it gets every message; else one more than so many of a hundred
/// @param proximity null: it does not matter how near consumers are
public record ConsumerTerms(
        long askedTimeoutMs,
        long defaultTimeoutMs,
        int sampleRate,
        @Nullable Proximity proximity) {}
