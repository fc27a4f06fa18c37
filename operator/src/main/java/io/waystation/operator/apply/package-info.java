/// The only code that writes to Kubernetes. Objects are applied server-side and only when they differ; what takes
/// something out of service happens in [io.waystation.operator.apply.Disruptions] alone, after a fresh look at what
/// it rests on.
@NullMarked
package io.waystation.operator.apply;

import org.jspecify.annotations.NullMarked;
