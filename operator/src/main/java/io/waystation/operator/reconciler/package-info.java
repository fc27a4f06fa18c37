/// The reconcilers: each reads facts, has them planned, has the plan applied, writes the status; none decides anything
/// itself.
/// Passes over one resource never overlap, passes over several do, on virtual threads.
@NullMarked
package io.waystation.operator.reconciler;

import org.jspecify.annotations.NullMarked;
