@NullMarked
package io.waystation.daemon.metrics;

import org.jspecify.annotations.NullMarked;
