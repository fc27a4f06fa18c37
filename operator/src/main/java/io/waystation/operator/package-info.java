/// The operator: turns custom resources into running clusters. Every pass is read, plan, apply, status, each in a
/// package of its own. This one has the program: its options, its health, and how the reconcilers are run.
@NullMarked
package io.waystation.operator;

import org.jspecify.annotations.NullMarked;
