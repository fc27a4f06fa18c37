/// A channel's state over one partition: what is done, in flight, waiting; the small logs that remember it; and which
/// message is delivered next, to whom.
///
/// Everything here is confined to the loop that owns the topic. Time is a parameter. Knows no network; a consumer is a
/// number and whether it has room.
@NullMarked
package io.waystation.channel;

import org.jspecify.annotations.NullMarked;
