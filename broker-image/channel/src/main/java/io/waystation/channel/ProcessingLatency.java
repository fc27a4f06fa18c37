package io.waystation.channel;

/// How long the messages of a channel take from their publish to their FIN. Confined to the loop of its topic.
///
/// Two histograms take turns, each for half of the window; what is shown covers both, so between half of the window and
/// all of it. Beside them it holds the publish times of what was delivered and is not finished, at most
/// [#MAX_TRACKED] of them, 32 bytes each: what is delivered beyond that is not measured.
public final class ProcessingLatency {
    static final int MAX_TRACKED = Cursor.MAX_UNFINISHED;

    private final long halfMs;
    private final LongMap publishedMs = new LongMap();
    private LatencyHistogram current = new LatencyHistogram();
    private LatencyHistogram previous = new LatencyHistogram();
    private long halfStartMs;
    private long totalCount;
    private long totalMs;

    public ProcessingLatency(long windowMs, long nowMs) {
        this.halfMs = Math.max(1, windowMs / 2);
        this.halfStartMs = nowMs;
    }

    public void delivered(long offset, long publishMs) {
        if (publishedMs.size() < MAX_TRACKED) {
            publishedMs.put(offset, publishMs);
        }
    }

    /// A FIN came.
    ///
    /// @param floor of the cursor: what is below it is done, also what was dropped without a FIN
    public void finished(long offset, long floor, long wallMs, long nowMs) {
        long publishMs = publishedMs.get(offset, Long.MIN_VALUE);
        if (publishMs == Long.MIN_VALUE) {
            return;
        }
        publishedMs.remove(offset);
        if (turn(nowMs)) {
            forgetBelow(floor);
        }
        long tookMs = Math.max(0, wallMs - publishMs);
        current.add(tookMs);
        totalCount++;
        totalMs += tookMs;
    }

    private boolean turn(long nowMs) {
        long halves = (nowMs - halfStartMs) / halfMs;
        if (halves == 0) {
            return false;
        }
        halfStartMs += halves * halfMs;
        var older = previous;
        previous = current;
        current = older;
        current.clear();
        if (halves > 1) {
            previous.clear();
        }
        return true;
    }

    private void forgetBelow(long floor) {
        for (long offset : publishedMs.sortedKeys()) {
            if (offset >= floor) {
                return;
            }
            publishedMs.remove(offset);
        }
    }

    /// Forgets what is under way: the channel was emptied or stands elsewhere.
    public void onCursorMoved() {
        publishedMs.clear();
    }

    /// Messages measured since the beginning, whatever the window.
    public long totalCount() {
        return totalCount;
    }

    /// How long these took, all together.
    public long totalMs() {
        return totalMs;
    }

    int tracked() {
        return publishedMs.size();
    }

    /// Adds the window's times to `target`.
    public void addTo(LatencyHistogram target, long nowMs) {
        turn(nowMs);
        target.add(current);
        target.add(previous);
    }
}
