@NullMarked
package io.waystation.broker.metrics;

import org.jspecify.annotations.NullMarked;
