/// Figures pushed to a statsd by UDP, under nsqd's names.
///
/// [StatsdReport] turns what `/stats` shows into lines and packets and is pure but for the counters that it remembers;
/// [StatsdPush] asks for the figures and sends them, on a thread of its own.
@NullMarked
package io.waystation.broker.statsd;

import org.jspecify.annotations.NullMarked;
