/// Transcripts of conversations with a broker: text files of bytes in and frames out, checked byte for byte and
/// rewritten by a system property. The notation is described at [Transcript].
@NullMarked
package io.waystation.broker.transcript;

import org.jspecify.annotations.NullMarked;
