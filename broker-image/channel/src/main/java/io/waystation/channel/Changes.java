package io.waystation.channel;

/// What a cursor's last delta does not yet say: the pages of offsets in which messages were delivered or finished.
final class Changes {
    /// A page is 64 Ki offsets.
    static final int PAGE_SHIFT = 16;

    private static final long NO_PAGE = -1;

    private final LongMap pages = new LongMap();
    private long lastPage = NO_PAGE;
    private int finishes;

    void at(long offset) {
        if (offset >>> PAGE_SHIFT != lastPage) {
            lastPage = offset >>> PAGE_SHIFT;
            pages.put(lastPage, lastPage);
        }
    }

    void finished(long offset) {
        finishes++;
        at(offset);
    }

    boolean isEmpty() {
        return lastPage == NO_PAGE;
    }

    int finishes() {
        return finishes;
    }

    long[] pages() {
        return pages.sortedKeys();
    }

    void clear() {
        pages.clear();
        lastPage = NO_PAGE;
        finishes = 0;
    }
}
