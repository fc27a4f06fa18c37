/// The operator: turns custom resources into a running cluster.
@NullMarked
package io.waystation.operator;

import org.jspecify.annotations.NullMarked;
