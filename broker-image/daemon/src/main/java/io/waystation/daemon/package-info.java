/// What every daemon and tool has in common: flags in Go's style, a configuration file, log lines in NSQ's style, start
/// and stop, and an HTTP server under NSQ's rules.
///
/// Knows nothing of topics or messages. The HTTP server runs on a loop of its own and its handlers on virtual threads;
/// everything else runs on `main`'s thread or is immutable.
@NullMarked
package io.waystation.daemon;

import org.jspecify.annotations.NullMarked;
