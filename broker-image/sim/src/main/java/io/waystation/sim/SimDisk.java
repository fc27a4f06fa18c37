package io.waystation.sim;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A disk in memory that knows what was synced. Confined to one thread; a contract test runs it and the real files
/// through the same cases. The end of a process leaves everything as it is; [#losePower] takes of
/// what was not synced whatever the seed decides:
///
/// - of a file each sector is the old or the new one, and the length lies anywhere between the two;
/// - of a directory either all names that changed are the new ones or none is. The names of directories that were made
///   are kept, as journalling file systems do it when a file in them is synced.
///
/// A sync that fails leaves what it should have written marked as clean, as Linux does: it can be read, a later sync
/// succeeds without writing it, and a power loss takes it, unless it was written anew.
public final class SimDisk implements FileStore {
    private static final int SECTOR_BYTES = 512;

    private final SplittableRandom random;
    private final Directory root = new Directory();
    private @Nullable String syncError;

    private sealed interface Entry {}

    private static final class Directory implements Entry {
        TreeMap<String, Entry> entries = new TreeMap<>();
        TreeMap<String, Entry> durable = new TreeMap<>();
    }

    private static final class Content implements Entry {
        byte[] bytes = {};
        byte[] durable = {};
        /// Sectors that a failed sync left marked as clean.
        final BitSet skipped = new BitSet();

        void write(ByteBuffer source, int position) {
            int end = position + source.remaining();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, end);
            }
            skipped.clear(position / SECTOR_BYTES, (end + SECTOR_BYTES - 1) / SECTOR_BYTES);
            source.get(bytes, position, source.remaining());
        }

        void sync(@Nullable String error) throws IOException {
            byte[] old = Arrays.copyOf(durable, bytes.length);
            if (error != null) {
                for (int at = 0; at < bytes.length; at += SECTOR_BYTES) {
                    int end = Math.min(at + SECTOR_BYTES, bytes.length);
                    boolean isDurable = end <= durable.length && Arrays.equals(bytes, at, end, old, at, end);
                    if (!isDurable) {
                        skipped.set(at / SECTOR_BYTES);
                    }
                }
                throw new IOException(error);
            }
            durable = bytes.clone();
            for (int sector = skipped.nextSetBit(0); sector >= 0; sector = skipped.nextSetBit(sector + 1)) {
                int at = sector * SECTOR_BYTES;
                int end = Math.min(at + SECTOR_BYTES, durable.length);
                if (at < end) {
                    System.arraycopy(old, at, durable, at, end - at);
                }
            }
        }

        void flip(int at, byte mask) {
            if (at < bytes.length) {
                bytes[at] ^= mask;
            }
            if (at < durable.length) {
                durable[at] ^= mask;
            }
        }
    }

    public SimDisk(long seed) {
        random = new SplittableRandom(seed);
    }

    public void losePower() {
        losePower(root);
    }

    /// From now on syncs of files fail so; null: none does.
    public void failSyncs(@Nullable String error) {
        syncError = error;
    }

    /// Turns one bit of one file over, as if it had been written so; returns what turns it back. Files that are
    /// empty are left alone.
    public Runnable flipBit() {
        var contents = new ArrayList<Content>();
        collect(root, contents);
        if (contents.isEmpty()) {
            return () -> {};
        }
        var content = contents.get(random.nextInt(contents.size()));
        int at = random.nextInt(content.bytes.length);
        byte mask = (byte) (1 << random.nextInt(Byte.SIZE));
        content.flip(at, mask);
        return () -> content.flip(at, mask);
    }

    /// The bytes of all files that have a name.
    public long usedBytes() {
        var contents = new ArrayList<Content>();
        collect(root, contents);
        return contents.stream().mapToLong(content -> content.bytes.length).sum();
    }

    private static void collect(Directory directory, List<Content> target) {
        for (var entry : directory.entries.values()) {
            switch (entry) {
                case Directory below -> collect(below, target);
                case Content content -> {
                    if (content.bytes.length > 0) {
                        target.add(content);
                    }
                }
            }
        }
    }

    private void losePower(Directory directory) {
        if (random.nextBoolean()) {
            directory.entries = new TreeMap<>(directory.durable);
        } else {
            directory.durable = new TreeMap<>(directory.entries);
        }
        for (var entry : directory.entries.values()) {
            switch (entry) {
                case Directory below -> losePower(below);
                case Content content -> losePower(content);
            }
        }
    }

    private void losePower(Content content) {
        int shorter = Math.min(content.durable.length, content.bytes.length);
        int longer = Math.max(content.durable.length, content.bytes.length);
        byte[] left = new byte[random.nextInt(shorter, longer + 1)];
        for (int at = 0; at < left.length; at += SECTOR_BYTES) {
            byte[] source = random.nextBoolean() ? content.bytes : content.durable;
            int length = Math.min(Math.min(SECTOR_BYTES, left.length - at), Math.max(0, source.length - at));
            System.arraycopy(source, Math.min(at, source.length), left, at, length);
        }
        content.bytes = left;
        content.durable = left.clone();
        content.skipped.clear();
    }

    @Override
    public LogFile open(Path path) throws IOException {
        var entry = parent(path).entries.computeIfAbsent(name(path), _ -> new Content());
        if (entry instanceof Content content) {
            return new SimFile(content);
        }
        throw new IOException(path + " is a directory");
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        if (find(path) instanceof Content content) {
            content.sync(syncError);
        }
    }

    @Override
    public boolean exists(Path path) {
        return find(path) != null;
    }

    @Override
    public List<String> list(Path directory) {
        return find(directory) instanceof Directory found ? List.copyOf(found.entries.keySet()) : List.of();
    }

    @Override
    public void createDirectories(Path path) throws IOException {
        var directory = root;
        for (var name : path) {
            directory = belowIn(directory, name.toString(), path);
        }
    }

    private static Directory belowIn(Directory directory, String name, Path path) throws IOException {
        var known = directory.entries.get(name);
        if (known == null) {
            var made = new Directory();
            directory.entries.put(name, made);
            // Also in the place of one that was deleted and may come back otherwise.
            directory.durable.put(name, made);
            return made;
        }
        if (!(known instanceof Directory below)) {
            throw new IOException(path + ": " + name + " is a file");
        }
        return below;
    }

    @Override
    public void delete(Path path) throws IOException {
        if (find(path) instanceof Directory directory && !directory.entries.isEmpty()) {
            throw new IOException(path + " is not empty");
        }
        take(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        var parent = parent(target);
        if (find(target) instanceof Directory directory && !directory.entries.isEmpty()) {
            throw new IOException(target + " is not empty");
        }
        parent.entries.put(name(target), take(source));
    }

    @Override
    public void syncDirectory(Path path) throws IOException {
        var directory = directory(path);
        directory.durable = new TreeMap<>(directory.entries);
    }

    private Entry take(Path path) throws IOException {
        var entry = parent(path).entries.remove(name(path));
        if (entry == null) {
            throw new NoSuchFileException(path.toString());
        }
        return entry;
    }

    private Directory parent(Path path) throws IOException {
        var parent = path.getParent();
        return parent == null ? root : directory(parent);
    }

    private Directory directory(Path path) throws IOException {
        if (find(path) instanceof Directory directory) {
            return directory;
        }
        throw new NoSuchFileException(path.toString());
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private @Nullable Entry find(Path path) {
        Entry entry = root;
        for (var name : path) {
            entry = entry instanceof Directory directory ? directory.entries.get(name.toString()) : null;
        }
        return entry;
    }

    private final class SimFile implements LogFile {
        private final Content content;
        private boolean closed;

        SimFile(Content content) {
            this.content = content;
        }

        private void needOpen() throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            needOpen();
            int count = (int) Math.max(0, Math.min(target.remaining(), content.bytes.length - position));
            if (count > 0) {
                target.put(content.bytes, (int) position, count);
            }
            return count;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            needOpen();
            content.write(source, Math.toIntExact(position));
        }

        @Override
        public long size() throws IOException {
            needOpen();
            return content.bytes.length;
        }

        @Override
        public void truncate(long size) throws IOException {
            needOpen();
            if (size < content.bytes.length) {
                content.bytes = Arrays.copyOf(content.bytes, (int) size);
            }
        }

        @Override
        public void sync() throws IOException {
            needOpen();
            content.sync(syncError);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
