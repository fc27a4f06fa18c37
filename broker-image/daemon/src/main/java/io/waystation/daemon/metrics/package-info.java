/// Metrics as a daemon shows them at `/metrics`: families with names, units and help; histograms; the text that
/// Prometheus reads.
///
/// Nothing is registered here. Whoever owns a figure is asked for it when somebody asks for the page, so a topic that
/// is gone has no series left and a daemon that nobody asks does nothing.
@NullMarked
package io.waystation.daemon.metrics;

import org.jspecify.annotations.NullMarked;
