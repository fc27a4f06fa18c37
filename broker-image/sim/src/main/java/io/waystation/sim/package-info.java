/// Fakes with state for tests: a disk that loses what was not synced. Confined to the test's thread; main code
/// never sees this package.
@NullMarked
package io.waystation.sim;

import org.jspecify.annotations.NullMarked;
