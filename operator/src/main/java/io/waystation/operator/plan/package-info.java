/// Decisions, as pure functions of facts: the objects of a cluster, the one disruptive act that may come next, what is
/// declared on brokers, and the status that says so. No client, no clock, no randomness; `now` is a fact. Immutable
/// throughout.
@NullMarked
package io.waystation.operator.plan;

import org.jspecify.annotations.NullMarked;
