/// NSQ's protocol as bytes: names, commands, frames, errors, message ids.
///
/// Knows no socket, no thread and no clock; every class works on buffers that the caller owns.
@NullMarked
package io.waystation.wire;

import org.jspecify.annotations.NullMarked;
