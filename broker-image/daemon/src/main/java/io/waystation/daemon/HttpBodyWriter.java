package io.waystation.daemon;

import java.io.IOException;
import java.io.Writer;

/// Writes the text of a body, on the thread that handles the request; it may block, and is slowed by a slow client.
@FunctionalInterface
public interface HttpBodyWriter {
    void write(Writer body) throws IOException;
}
