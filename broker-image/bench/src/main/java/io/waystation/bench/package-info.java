/// The parts of the message path measured in isolation: what a message costs in time and in allocated bytes. Run by
/// `broker-image/bench/run`; figures of the whole come from `e2e/compare`.
@NullMarked
package io.waystation.bench;

import org.jspecify.annotations.NullMarked;
