package io.waystation.lookup;

/// Nanoseconds since 1970, as far as the system's clock can tell.
@FunctionalInterface
interface Clock {
    long wallNs();
}
