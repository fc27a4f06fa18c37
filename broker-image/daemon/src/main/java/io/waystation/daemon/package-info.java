/// What every daemon and tool has in common: flags in Go's style, log lines in NSQ's style, start and stop.
///
/// Knows nothing of topics or messages.
@NullMarked
package io.waystation.daemon;

import org.jspecify.annotations.NullMarked;
