/// Event loops: who runs what, in which order, and what time it is.
///
/// A [Loop] owns whole topics with their channels, and the connections that consume from them; nobody else touches
/// these. Knows neither sockets nor topics: the thread behind a loop is Netty's in the broker and a single-threaded
/// scheduler in a simulation.
@NullMarked
package io.waystation.broker.loop;

import org.jspecify.annotations.NullMarked;
