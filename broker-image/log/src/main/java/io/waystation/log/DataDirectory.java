package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A directory that one process owns: its lock, and who it is. Opened once by `main`, before anything else looks at the
/// files; confined to whoever opened it, but for the cluster's id, which any thread may read and set.
///
/// ```
/// lock        "<pid>", locked while the process lives
/// identity    version, node id, volume id, cluster id
/// shards/     the logs
/// ephemeral/  what is forgotten at the next start
/// nsqd-import how far an nsqd's files, which may lie here as well, have been taken over
/// ```
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "lock";
    private static final String IDENTITY_FILE = "identity";
    /// How far the import of an nsqd's files has come.
    public static final String NSQD_IMPORT_FILE = "nsqd-import";

    private static final Set<String> OWN = Set.of(
            LOCK_FILE,
            IDENTITY_FILE,
            IDENTITY_FILE + ".tmp",
            NSQD_IMPORT_FILE,
            NSQD_IMPORT_FILE + ".tmp",
            "shards",
            "ephemeral");
    /// What file systems put at their root.
    private static final Set<String> TOLERATED = Set.of("lost+found");

    private static final int VERSION = 1;

    private final Path path;
    private final FileStore files;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final int nodeId;
    private final UUID volumeId;
    private volatile @Nullable String clusterId;

    private DataDirectory(
            Path path,
            FileStore files,
            FileChannel lockChannel,
            FileLock lock,
            int nodeId,
            UUID volumeId,
            @Nullable String clusterId) {
        this.path = path;
        this.files = files;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.nodeId = nodeId;
        this.volumeId = volumeId;
        this.clusterId = clusterId;
    }

    /// Takes the directory; the first time it is used it is given the node's id.
    ///
    /// @param wantedNodeId the id that was asked for, or null to take what is recorded, or else `fallbackNodeId`
    public static DataDirectory open(Path path, @Nullable Integer wantedNodeId, int fallbackNodeId) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new IOException(
                    "data-path: " + path + (Files.exists(path) ? " is not a directory" : " does not exist")
                            + " (expected: a directory of its own)");
        }
        // Before the first file of ours is made: whatever else lies there is left as it is.
        refuseForeign(path);
        var channel = openLock(path);
        try {
            var lock = lock(path, channel);
            return identify(path, channel, lock, wantedNodeId, fallbackNodeId);
        } catch (IOException refusal) {
            channel.close();
            throw refusal;
        }
    }

    private static FileChannel openLock(Path path) throws IOException {
        try {
            return FileChannel.open(
                    path.resolve(LOCK_FILE),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE);
        } catch (IOException cause) {
            throw new IOException(
                    "data-path: cannot write to " + path + ": " + cause
                            + " (expected: a directory that this user may write to)",
                    cause);
        }
    }

    private static FileLock lock(Path path, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            lock = null;
        }
        if (lock == null) {
            var text = ByteBuffer.allocate(32);
            channel.read(text, 0);
            var owner = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
            throw new IOException("data-path: " + path + " is in use by process " + owner
                    + " (expected: a directory of its own for each broker)");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
        return lock;
    }

    private static void refuseForeign(Path path) throws IOException {
        boolean known = Files.exists(path.resolve(IDENTITY_FILE));
        try (var entries = Files.newDirectoryStream(path)) {
            for (var entry : entries) {
                var name = String.valueOf(entry.getFileName());
                if (!known && !OWN.contains(name) && !TOLERATED.contains(name) && !isNsqds(name)) {
                    throw new IOException("data-path: " + path + " holds " + name
                            + ", which is not ours (expected: an empty directory or one that a broker used before)");
                }
            }
        }
    }

    /// Whether an nsqd gives its files such names; they are imported and stay as they are.
    private static boolean isNsqds(String name) {
        return name.equals("nsqd.dat")
                || (name.startsWith("nsqd.dat.") && name.endsWith(".tmp"))
                || name.contains(".diskqueue.");
    }

    private static DataDirectory identify(
            Path path, FileChannel channel, FileLock lock, @Nullable Integer wanted, int fallback) throws IOException {
        var files = new DiskFiles();
        var text = SmallFile.read(files, path.resolve(IDENTITY_FILE));
        if (text == null) {
            int nodeId = wanted == null ? fallback : wanted;
            var fresh = new DataDirectory(path, files, channel, lock, nodeId, UUID.randomUUID(), null);
            fresh.write();
            return fresh;
        }
        var version = line(text, "version");
        if (version == null) {
            throw new IOException(
                    path.resolve(IDENTITY_FILE) + ": no line 'version: ...' (expected: the identity that a"
                            + " broker wrote when it first used this directory)");
        }
        if (!version.equals(Integer.toString(VERSION))) {
            throw new IOException("data-path: " + path + " has format version " + version + " (expected: " + VERSION
                    + "; a later release used it)");
        }
        try {
            int recorded = Integer.parseInt(String.valueOf(line(text, "node_id")));
            if (wanted != null && wanted != recorded) {
                throw new IOException("node-id: " + wanted + " (expected: " + recorded + ", to which " + path
                        + " belongs; or another data-path)");
            }
            var volumeId = UUID.fromString(String.valueOf(line(text, "volume_id")));
            return new DataDirectory(path, files, channel, lock, recorded, volumeId, line(text, "cluster_id"));
        } catch (IllegalArgumentException malformed) {
            throw new IOException(path.resolve(IDENTITY_FILE) + ": " + malformed.getMessage(), malformed);
        }
    }

    private static @Nullable String line(String text, String key) {
        for (var line : text.split("\n", -1)) {
            if (line.startsWith(key + ": ")) {
                return line.substring(key.length() + 2);
            }
        }
        return null;
    }

    private void write() throws IOException {
        var text = "version: " + VERSION + "\nnode_id: " + nodeId + "\nvolume_id: " + volumeId + "\n";
        var cluster = clusterId;
        SmallFile.write(
                files, path.resolve(IDENTITY_FILE), cluster == null ? text : text + "cluster_id: " + cluster + "\n");
    }

    public Path path() {
        return path;
    }

    public int nodeId() {
        return nodeId;
    }

    /// Made when the directory was first used; stays with it.
    public UUID volumeId() {
        return volumeId;
    }

    public @Nullable String clusterId() {
        return clusterId;
    }

    /// Records to which cluster the data belongs, once. From any thread, one after the other: the second to come is
    /// told.
    public synchronized void clusterId(String id) throws IOException {
        var recorded = clusterId;
        if (recorded != null && !recorded.equals(id)) {
            throw new IOException("cluster-id: " + id + " (expected: " + recorded + ", to which " + path + " belongs)");
        }
        if (recorded == null) {
            clusterId = id;
            write();
        }
    }

    @Override
    public void close() throws IOException {
        lock.release();
        lockChannel.close();
    }
}
