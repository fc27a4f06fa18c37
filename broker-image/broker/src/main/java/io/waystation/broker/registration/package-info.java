/// The broker towards lookups: tells them what it has, asks them what others have.
///
/// Everything here waits for sockets and runs on virtual threads of its own, never on a loop.
@NullMarked
package io.waystation.broker.registration;

import org.jspecify.annotations.NullMarked;
