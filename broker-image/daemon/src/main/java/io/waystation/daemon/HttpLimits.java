package io.waystation.daemon;

import java.time.Duration;

/// What clients of an HTTP server may take.
///
/// @param connections connections at once; one more is closed at once
/// @param bodyBytes bytes of all bodies that are being read or handled; a request beyond, unless it is alone, is
///     answered 503
/// @param idle a connection without a request, or whose client does not read its answer, is closed after it
/// @param request from the first byte of a request to its last; a slower one is closed
record HttpLimits(int connections, long bodyBytes, Duration idle, Duration request) {
    private static final long LEAST_BODY_BYTES = 16L * 1024 * 1024;
    /// Of the heap, so that bodies alone cannot fill it.
    private static final int SHARE_OF_HEAP = 8;

    static HttpLimits defaults() {
        return new HttpLimits(
                10_000,
                Math.max(LEAST_BODY_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP),
                Duration.ofMinutes(2),
                Duration.ofMinutes(1));
    }
}
