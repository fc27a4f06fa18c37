/// NSQ's protocol from the client's side: consumer, producer, HTTP calls to brokers and lookups.
///
/// Sockets block, and each connection is read by a virtual thread of its own. A consumer's state is guarded by
/// one lock; the decisions about it ([ReadyShares], [Backoff], [PollPause]) know neither threads nor clock. Knows
/// nothing of the daemons.
@NullMarked
package io.waystation.client;

import org.jspecify.annotations.NullMarked;
