package io.waystation.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The unfinished offsets of one page of 64 Ki offsets and how often each was delivered, as runs:
///
/// ```
/// page number | run ... | 0
///
/// run: distance from the end of the run before (or the page's start), plus 1
///      2 x length, plus 1 when attempts follow
///      attempts, when they are not 1
/// ```
///
/// So the size follows the holes: 2 bytes for a message on its own, 1 for a page in which all is done.
final class UnfinishedPage {
    interface Sink {
        void unfinished(long offset, int attempts);
    }

    private UnfinishedPage() {}

    static long of(long offset) {
        return offset >>> Changes.PAGE_SHIFT;
    }

    private static long start(long page) {
        return page << Changes.PAGE_SHIFT;
    }

    static void write(Cursor cursor, long page, ByteWriter target) {
        long from = start(page);
        long to = start(page + 1);
        target.number(page);
        var runs = new RunWriter(target, from);
        var stragglers = cursor.stragglers();
        for (int slot = stragglers.ceiling(from); slot < stragglers.end() && stragglers.offsetAt(slot) < to; slot++) {
            if (stragglers.holder[slot] != Slots.DONE) {
                runs.add(stragglers.offsetAt(slot), stragglers.attempts[slot]);
            }
        }
        var window = cursor.window();
        for (long offset = Math.max(from, window.base); offset < Math.min(to, window.next); offset++) {
            int slot = window.slotOf(offset);
            if (window.holder[slot] != Slots.DONE) {
                runs.add(offset, window.attempts[slot]);
            }
        }
        runs.end();
    }

    /// The first page from the given one on in which something is unfinished, or -1.
    static long next(Cursor cursor, long page) {
        long from = start(page);
        var stragglers = cursor.stragglers();
        for (int slot = stragglers.ceiling(from); slot < stragglers.end(); slot++) {
            if (stragglers.holder[slot] != Slots.DONE) {
                return of(stragglers.offsetAt(slot));
            }
        }
        var window = cursor.window();
        for (long offset = Math.max(from, window.base); offset < window.next; offset++) {
            if (window.holder[window.slotOf(offset)] != Slots.DONE) {
                return of(offset);
            }
        }
        return -1;
    }

    /// Reads the runs of a page, whose number was read; null when there are none.
    static byte @Nullable [] readRuns(ByteReader source) throws IOException {
        int start = source.position();
        boolean empty = true;
        while (source.number() > 0) {
            empty = false;
            if ((source.number() & 1) != 0) {
                source.number();
            }
        }
        return empty ? null : source.copyFrom(start);
    }

    static void forEach(long page, byte[] runs, Sink sink) throws IOException {
        var source = new ByteReader(ByteBuffer.wrap(runs), 0, runs.length);
        long offset = start(page);
        for (long distance = source.number(); distance > 0; distance = source.number()) {
            offset += distance - 1;
            long length = source.number();
            int attempts = (length & 1) == 0 ? 1 : (int) Math.min(source.number(), Slots.MAX_ATTEMPTS);
            long end = offset + (length >>> 1);
            if (end > start(page + 1)) {
                throw new IOException("page " + page + " has a run up to offset " + end);
            }
            while (offset < end) {
                sink.unfinished(offset++, attempts);
            }
        }
    }

    private static final class RunWriter {
        private final ByteWriter target;
        private long lastEnd;
        private long start;
        private long end;
        private int attempts;

        RunWriter(ByteWriter target, long pageStart) {
            this.target = target;
            lastEnd = pageStart;
            start = pageStart;
            end = pageStart;
        }

        void add(long offset, int newAttempts) {
            if (offset != end || newAttempts != attempts) {
                flush();
                start = offset;
                attempts = newAttempts;
            }
            end = offset + 1;
        }

        private void flush() {
            if (end == start) {
                return;
            }
            target.number(start - lastEnd + 1);
            if (attempts == 1) {
                target.number(2 * (end - start));
            } else {
                target.number(2 * (end - start) + 1).number(attempts);
            }
            lastEnd = end;
        }

        void end() {
            flush();
            target.number(0);
        }
    }
}
