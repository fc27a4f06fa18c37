/// The broker's HTTP API: NSQ's paths, and those for operators.
///
/// Handlers run on virtual threads; what belongs to a topic they ask of its loop.
@NullMarked
package io.waystation.broker.http;

import org.jspecify.annotations.NullMarked;
