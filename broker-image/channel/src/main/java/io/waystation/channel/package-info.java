/// A channel's state over one partition: what is done, in flight, waiting; and the small logs that remember it.
///
/// Everything here is confined to the loop that owns the topic. Time is a parameter. Knows no network and no consumer:
/// owners of messages are numbers.
@NullMarked
package io.waystation.channel;

import org.jspecify.annotations.NullMarked;
