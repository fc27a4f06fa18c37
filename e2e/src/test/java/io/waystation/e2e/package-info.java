/// Waystation as its users meet it: a real Kubernetes, real clients in their own languages, processes that are killed.
@NullMarked
package io.waystation.e2e;

import org.jspecify.annotations.NullMarked;
