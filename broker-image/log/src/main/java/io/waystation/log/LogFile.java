package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file.
public interface LogFile extends AutoCloseable {
    /// Reads from a position until the target is full or the file ends; the number of bytes read.
    int read(ByteBuffer target, long position) throws IOException;

    /// Writes all of the source at a position.
    void write(ByteBuffer source, long position) throws IOException;

    long size() throws IOException;

    void truncate(long size) throws IOException;

    /// Makes what was written survive a power loss.
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
