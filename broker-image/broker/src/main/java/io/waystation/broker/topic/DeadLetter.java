package io.waystation.broker.topic;

import io.waystation.channel.Retirement;
import io.waystation.log.RecordHeaders;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A message on its way to a dead-letter topic; nobody changes it.
///
/// @param generation of the channel's cursor when it left
/// @param offset where it is in its topic
/// @param source names the message among all that ever were, so that it is not stored a second time
/// @param key the whole buffer; null when it has none
/// @param body the whole buffer
record DeadLetter(
        int generation,
        long offset,
        Retirement reason,
        String source,
        @Nullable ByteBuffer key,
        RecordHeaders headers,
        ByteBuffer body) {}
