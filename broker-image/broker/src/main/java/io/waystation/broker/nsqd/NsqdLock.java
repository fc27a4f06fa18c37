package io.waystation.broker.nsqd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Who holds the lock that nsqd takes on its directory. That is a `flock`, which Java's own locks do not meet, so it is
/// looked up where Linux lists them; elsewhere, and where the process lives in another PID namespace, nothing is known.
///
/// ```
/// 1: FLOCK  ADVISORY  WRITE 4711 08:01:1310722 0 EOF
///                           pid  device:inode
/// ```
final class NsqdLock {
    private static final Path LOCKS = Path.of("/proc/locks");
    private static final int PID = 4;
    private static final int PLACE = 5;

    private NsqdLock() {}

    /// The process id; null when nobody is known to hold it.
    static @Nullable String owner(Path directory) throws IOException {
        if (!Files.isReadable(LOCKS)) {
            return null;
        }
        long device = (Long) Files.getAttribute(directory, "unix:dev");
        long inode = (Long) Files.getAttribute(directory, "unix:ino");
        return owner(Files.readAllLines(LOCKS), device, inode);
    }

    static @Nullable String owner(List<String> locks, long device, long inode) {
        long major = (device >> 8) & 0xfff;
        long minor = (device & 0xff) | ((device >> 12) & 0xfff00);
        var place = String.format(Locale.ROOT, "%02x:%02x:%d", major, minor, inode);
        for (var lock : locks) {
            var words = lock.strip().split("\\s+", -1);
            if (words.length > PLACE && words[1].equals("FLOCK") && words[PLACE].equals(place)) {
                return words[PID];
            }
        }
        return null;
    }
}
