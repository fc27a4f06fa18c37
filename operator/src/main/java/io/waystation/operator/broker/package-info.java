/// The brokers' and lookups' HTTP APIs as a client sees them (`broker-image/broker/docs/operator-api.md`). Calls
/// block and end within five seconds; an answer is a value, a refusal and a silence are exceptions of their own, so
/// that neither can be taken for an answer. Knows nothing of Kubernetes.
@NullMarked
package io.waystation.operator.broker;

import org.jspecify.annotations.NullMarked;
