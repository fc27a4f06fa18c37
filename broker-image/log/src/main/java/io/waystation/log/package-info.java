/// The partition log: record batches, segments, indexes, recovery.
///
/// A `PartitionLog` is confined to the loop that owns its partition. Files are reached through `FileStore` and time is
/// a parameter, so that the same code runs on a disk and in a simulation. Knows no network, no thread and no lock.
@NullMarked
package io.waystation.log;

import org.jspecify.annotations.NullMarked;
