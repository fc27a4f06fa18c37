package io.waystation.channel;

import io.waystation.log.LogReader;
import java.io.IOException;

/// What a [Dispatch] asks of the channel around it. Called on the channel's loop; records are valid during the call.
public interface Outlet {
    /// Messages from here on are not the channel's yet.
    long endOffset();

    /// The loop's monotonic time.
    long nowMs();

    long wallMs();

    /// Whether a message that was never delivered is none of the channel's: emptied away before the channel had it.
    boolean isPassedOver(long offset, LogReader record);

    /// Delivers a message, `next()` or a polled one, through the cursor; or skips it, when it was never delivered and
    /// the consumer wants a sample only. Returns whether it was delivered.
    boolean push(Recipient recipient, long offset, LogReader record);

    /// The cursor says something new that the cursor log does not know.
    void onCursorChanged();

    /// Puts what the cursor says into the cursor log, as durably as the topic promises. False when it is not there yet;
    /// the dispatch is asked for its next step when it is.
    boolean writeCursor() throws IOException;

    /// A message is given up and nobody gets it: the channel has no dead-letter topic.
    void onDropped(long offset, Retirement reason, int attempts);

    /// A message is given up and goes to the dead-letter topic. Copies it and answers later, never within this
    /// call, with [Dispatch#onDeadLetterStored] or [Dispatch#onDeadLetterRefused].
    void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts);

    /// A queued message is no longer in the log.
    void onRecordGone(long offset);
}
