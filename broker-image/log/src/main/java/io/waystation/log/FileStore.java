package io.waystation.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// The files of one data directory. Two implementations: [DiskFiles], and a simulated disk that loses what was not
/// synced.
public interface FileStore {
    /// Opens for reading and writing; an absent file is made.
    LogFile open(Path path) throws IOException;

    /// Makes what was written to the file survive a power loss; nothing when there is no such file.
    void syncExisting(Path path) throws IOException;

    /// Opens for reading alone; an absent file is a [NoSuchFileException] and stays absent, whoever deletes it
    /// meanwhile.
    default LogFile openForReading(Path path) throws IOException {
        if (!exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return open(path);
    }

    boolean exists(Path path) throws IOException;

    /// The names in a directory, sorted; none when it is absent.
    List<String> list(Path directory) throws IOException;

    /// Makes the directory and those above it, as far as they are absent.
    void createDirectories(Path directory) throws IOException;

    /// Removes a file or an empty directory.
    void delete(Path path) throws IOException;

    /// Gives a file or directory another name, in one step, replacing a file that bears it.
    void rename(Path source, Path target) throws IOException;

    /// Makes the names in the directory survive a power loss.
    void syncDirectory(Path directory) throws IOException;
}
