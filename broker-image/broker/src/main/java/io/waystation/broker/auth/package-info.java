/// Who may do what, as an external auth server says: the question, its answer, and what the answer allows.
///
/// Asking blocks, so it runs on virtual threads; answers are immutable and used on any loop. Knows neither
/// connections nor topics.
@NullMarked
package io.waystation.broker.auth;

import org.jspecify.annotations.NullMarked;
