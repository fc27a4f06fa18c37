/// The broker's metrics: what they are called ([BrokerMetric]), who is asked for them ([MetricsApi]), how many series
/// there are at most ([SeriesLimit]), and how long the disk takes ([DiskWaits]). Knows every other package; only the
/// broker's start knows it.
@NullMarked
package io.waystation.broker.metrics;

import org.jspecify.annotations.NullMarked;
