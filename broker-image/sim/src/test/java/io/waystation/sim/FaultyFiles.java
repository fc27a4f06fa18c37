package io.waystation.sim;

import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Files that end the process in the middle of an operation, fail, or have no room. What is then left decides the disk
/// below.
final class FaultyFiles extends ForwardingFiles {
    /// The process is no more; whoever gets this opens everything anew. No failure that the program may deal with.
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;

        private final boolean powerLost;

        Crash(boolean powerLost) {
            super(powerLost ? "power lost" : "killed", null, false, true);
            this.powerLost = powerLost;
        }

        boolean powerLost() {
            return powerLost;
        }
    }

    private static final long NEVER = Long.MAX_VALUE;
    private static final String DEVICE_ERROR = "Input/output error";
    private static final String NO_ROOM = "No space left on device";

    private final SimDisk disk;
    private final SplittableRandom random;
    private long operationsLeft = NEVER;
    private boolean powerLost;
    private boolean full;
    /// Whether a full disk takes no new names either.
    private final boolean namesNeedRoom;
    private long capacityBytes = Long.MAX_VALUE;
    private boolean failing;
    private boolean syncsFailing;
    private boolean removalsFailing;
    private @Nullable Crash crash;
    private int cuts;

    FaultyFiles(SimDisk disk, SplittableRandom random) {
        super(disk);
        this.disk = disk;
        this.random = random;
        this.namesNeedRoom = random.nextBoolean();
    }

    /// The operation after so many others is not finished.
    void crashWithin(int operations, boolean withPower) {
        operationsLeft = operations;
        powerLost = withPower;
    }

    void crashNever() {
        operationsLeft = NEVER;
    }

    void kill() {
        operationsLeft = NEVER;
        failing = false;
        syncsFailing = false;
        removalsFailing = false;
        crash = null;
        disk.failSyncs(null);
    }

    /// How the process ended, also when somebody in it kept that to himself; null while it runs.
    @Nullable Crash crash() {
        return crash;
    }

    void losePower() {
        kill();
        disk.losePower();
    }

    boolean isFull() {
        return full;
    }

    void full(boolean isFull) {
        full = isFull;
    }

    /// From now on files hold so many bytes together. Names need no room, unlike on a disk that is [full][#full].
    void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /// Whatever changes something fails with an error of the device, until the next restart.
    void fail() {
        failing = true;
        disk.failSyncs(DEVICE_ERROR);
    }

    /// Syncs find no room for what was written, until the next restart.
    void failSyncsForWantOfRoom() {
        syncsFailing = true;
        disk.failSyncs(NO_ROOM);
    }

    /// Nothing can be deleted or renamed, until the next restart.
    void failRemovals() {
        removalsFailing = true;
    }

    boolean isFailing() {
        return failing || syncsFailing || removalsFailing;
    }

    /// How often a file was made shorter.
    int cuts() {
        return cuts;
    }

    private void needDevice() throws IOException {
        if (failing) {
            throw new IOException(DEVICE_ERROR);
        }
    }

    private boolean crashes() {
        var ended = crash;
        if (ended != null) {
            throw ended;
        }
        return operationsLeft != NEVER && --operationsLeft == 0;
    }

    private void step() {
        if (crashes()) {
            throw crashed();
        }
    }

    private Crash crashed() {
        var ended = new Crash(powerLost);
        crash = ended;
        return ended;
    }

    private void needRemovals() throws IOException {
        if (removalsFailing) {
            throw new IOException(DEVICE_ERROR);
        }
    }

    private void needRoomForName() throws IOException {
        if (full && namesNeedRoom) {
            throw new IOException(NO_ROOM);
        }
    }

    private void needRoom() throws IOException {
        if (full) {
            throw new IOException(NO_ROOM);
        }
    }

    @Override
    public LogFile open(Path path) throws IOException {
        step();
        if (!exists(path)) {
            needDevice();
            needRoomForName();
        }
        return super.open(path);
    }

    @Override
    protected LogFile opened(LogFile file) {
        return new FaultyFile(file);
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        step();
        super.syncExisting(path);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        step();
        needDevice();
        needRoomForName();
        super.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        step();
        needDevice();
        needRemovals();
        super.delete(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        step();
        needDevice();
        needRemovals();
        needRoomForName();
        super.rename(source, target);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        step();
        needDevice();
        if (syncsFailing) {
            throw new IOException(NO_ROOM);
        }
        super.syncDirectory(directory);
    }

    private final class FaultyFile extends ForwardingFile {
        FaultyFile(LogFile file) {
            super(file);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            boolean isCrash = crashes();
            long growth = Math.max(0, position + source.remaining() - size());
            long tooMany = capacityBytes == Long.MAX_VALUE ? 0 : disk.usedBytes() + growth - capacityBytes;
            if (growth > 0 && tooMany > 0) {
                var part = source.duplicate();
                part.limit(part.limit() - (int) Math.min(growth, tooMany));
                super.write(part, position);
                throw new IOException(NO_ROOM);
            }
            if (isCrash || failing || (full && growth > 0)) {
                var part = source.duplicate();
                part.limit(part.position() + random.nextInt(part.remaining() + 1));
                super.write(part, position);
                if (isCrash) {
                    throw crashed();
                }
                needDevice();
                needRoom();
            }
            super.write(source, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            step();
            needDevice();
            if (size < size()) {
                cuts++;
            }
            super.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            step();
            super.sync();
        }
    }
}
