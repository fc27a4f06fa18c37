/// NSQ's TCP protocol on sockets: connections, their output, and the event loops behind.
///
/// Besides the HTTP server this is the only place that sees Netty.
@NullMarked
package io.waystation.broker.net;

import org.jspecify.annotations.NullMarked;
