package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// What came from one client and no command has used yet. Counts in the memory of all connections, [InputMemory],
/// which may make this one wait before more of an unfinished command is read.
///
/// Confined to the connection's loop, with which it moves; told of room and turns from any thread.
final class UnreadInput implements InputMemory.Waiter {
    private final Connection connection;
    private final InputMemory memory;
    private final ByteBufAllocator allocator;

    private @Nullable ByteBuf bytes;
    private int heldBytes;
    private int belowBytes;
    private int recordBytes;
    private boolean ended;

    private boolean waits;
    private boolean hasTurn;
    private boolean silentInTurn;
    private int turnCount;

    UnreadInput(Connection connection, InputMemory memory, ByteBufAllocator allocator) {
        this.connection = connection;
        this.memory = memory;
        this.allocator = allocator;
    }

    // ---- bytes

    @Nullable ByteBuf bytes() {
        return bytes;
    }

    /// Takes the buffer over.
    void add(ByteBuf input) {
        silentInTurn = false;
        var earlier = bytes;
        bytes = earlier == null ? input : append(earlier, input);
    }

    private ByteBuf append(ByteBuf earlier, ByteBuf input) {
        try {
            if (earlier.writableBytes() >= input.readableBytes()) {
                return earlier.writeBytes(input);
            }
            var needed = earlier.readableBytes() + input.readableBytes();
            var larger = allocator.directBuffer(Math.max(needed, 2 * earlier.readableBytes()));
            larger.writeBytes(earlier).writeBytes(input);
            earlier.release();
            return larger;
        } finally {
            input.release();
        }
    }

    /// Commands have used so many of the bytes, or none.
    void used(int count) {
        var input = bytes;
        if (input == null) {
            return;
        }
        if (count > 0) {
            input.skipBytes(count);
            leave();
        }
        if (!input.isReadable()) {
            release();
        } else if (memory.isPressed() && input.readableBytes() <= input.capacity() / 4) {
            bytes = allocator.directBuffer(input.readableBytes()).writeBytes(input);
            input.release();
        }
    }

    /// The bytes; from now on they are the caller's.
    @Nullable ByteBuf take() {
        var taken = bytes;
        bytes = null;
        count();
        return taken;
    }

    void release() {
        var rest = take();
        if (rest != null) {
            rest.release();
        }
    }

    /// The layer between socket and connection holds so many bytes of what came.
    void below(int count) {
        silentInTurn = false;
        belowBytes = count;
        count();
    }

    /// So many bytes of a TLS record that is not whole are held.
    void inRecord(int count) {
        silentInTurn = false;
        recordBytes = count;
        count();
    }

    /// Nothing more comes.
    void end() {
        ended = true;
        release();
    }

    void count() {
        var input = bytes;
        int now = ended ? 0 : belowBytes + recordBytes + (input == null ? 0 : input.capacity());
        if (now != heldBytes) {
            memory.change(now - heldBytes);
            heldBytes = now;
        }
        if (now == 0) {
            leave();
        }
    }

    // ---- waiting

    boolean waits() {
        return waits;
    }

    /// Whether more may be read, there being an unfinished command or none; if not, the connection is told later.
    boolean isAdmitted() {
        if (waits) {
            return false;
        }
        if (hasTurn || heldBytes == 0) {
            return true;
        }
        return switch (memory.ask(this)) {
            case YES -> true;
            case IN_ITS_TURN -> {
                beginTurn();
                yield true;
            }
            case NO -> {
                waits = true;
                yield false;
            }
        };
    }

    private void leave() {
        if (hasTurn || waits) {
            hasTurn = false;
            waits = false;
            memory.leave(this);
        }
    }

    @Override
    public void onRoom() {
        connection.execute(() -> {
            if (waits) {
                waits = false;
                connection.onRoom();
            }
        });
    }

    @Override
    public void onTurn() {
        connection.execute(() -> {
            if (waits) {
                waits = false;
                beginTurn();
                connection.onRoom();
            } else if (!hasTurn) {
                // Meanwhile its command is complete, or it is closed.
                memory.leave(this);
            }
        });
    }

    private void beginTurn() {
        hasTurn = true;
        watchTurn(++turnCount, 1);
    }

    private void watchTurn(int turn, int looks) {
        silentInTurn = true;
        connection.loop().schedule(() -> connection.execute(() -> look(turn, looks)), InputMemory.SILENT_MS);
    }

    private void look(int turn, int looks) {
        if (!hasTurn || turn != turnCount) {
            return;
        }
        if (!memory.isTight()) {
            leave();
        } else if (silentInTurn || looks == InputMemory.MAX_LOOKS) {
            memory.onFailedTurn();
            connection.close("did not go on with a command while memory was short");
        } else {
            watchTurn(turn, looks + 1);
        }
    }
}
