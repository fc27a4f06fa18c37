/// The custom resources of group `waystation.io`, version `v1beta1`: their fields, validation, columns, conditions and
/// reasons. The files in `crds/` are generated from these classes. Immutable, apart from the resources themselves.
@NullMarked
package io.waystation.operator.api;

import org.jspecify.annotations.NullMarked;
