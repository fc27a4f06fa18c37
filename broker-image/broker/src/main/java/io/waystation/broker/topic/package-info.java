/// Topics and channels: what a broker stores and to whom it delivers.
///
/// A [Topic] with all its channels is confined to one [io.waystation.broker.loop.Loop]; [Topics] is the place where
/// other threads find it. Knows neither sockets nor HTTP.
@NullMarked
package io.waystation.broker.topic;

import org.jspecify.annotations.NullMarked;
