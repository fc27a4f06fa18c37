/// The data of an nsqd, taken over at the first start in its directory (docs/nsqd-import.md).
///
/// [NsqdMetadata], [DiskQueue] and [DiskQueueReader] read what nsqd wrote and change nothing; [NsqdImport] makes topics
/// of it. Runs on `main`'s thread, before anything is served.
@NullMarked
package io.waystation.broker.nsqd;

import org.jspecify.annotations.NullMarked;
