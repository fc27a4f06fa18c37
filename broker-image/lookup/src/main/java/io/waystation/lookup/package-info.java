/// The discovery daemon: which broker has which topic.
///
/// Brokers' connections ([LookupConnection], [LookupSession]) run on one event loop, HTTP requests ([LookupApi]) on
/// virtual threads; they meet in [RegistrationDb], whose lock is the module's only one. Knows nothing of messages.
@NullMarked
package io.waystation.lookup;

import org.jspecify.annotations.NullMarked;
