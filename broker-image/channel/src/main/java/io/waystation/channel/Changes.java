package io.waystation.channel;

import org.jspecify.annotations.Nullable;

/// What a cursor's last delta does not yet say: the pages of offsets in which messages were delivered or finished, and
/// which messages were deferred.
final class Changes {
    /// A page is 64 Ki offsets.
    static final int PAGE_SHIFT = 16;

    /// More deferred messages than this are not listed; the delta then says of all of the channel's when they are due.
    static final int MAX_DEFERRALS = 64 * 1024;

    private static final long NO_PAGE = -1;
    private static final long[] NONE = {};

    /// Each made with the first one: most channels are idle.
    private @Nullable LongMap pages;

    private @Nullable LongMap deferrals;

    private long lastPage = NO_PAGE;
    private boolean listsDeferrals = true;
    private int answers;

    void at(long offset) {
        if (offset >>> PAGE_SHIFT != lastPage) {
            turnTo(offset >>> PAGE_SHIFT);
        }
    }

    private void turnTo(long page) {
        lastPage = page;
        var changed = pages;
        if (changed == null) {
            changed = new LongMap();
            pages = changed;
        }
        changed.put(page, page);
    }

    void finished(long offset) {
        answers++;
        at(offset);
    }

    void deferred(long offset) {
        answers++;
        var listed = deferrals;
        if (listed == null) {
            listed = new LongMap();
            deferrals = listed;
        }
        if (listed.size() < MAX_DEFERRALS) {
            listed.put(offset, offset);
        } else {
            listsDeferrals = false;
        }
    }

    boolean isEmpty() {
        return lastPage == NO_PAGE && answers == 0;
    }

    /// Messages finished or deferred.
    int answers() {
        return answers;
    }

    /// Whether [#deferrals()] has all that were deferred.
    boolean listsDeferrals() {
        return listsDeferrals;
    }

    /// Offsets of messages that were deferred, in order; not all of them are so still.
    long[] deferrals() {
        return deferrals == null ? NONE : deferrals.sortedKeys();
    }

    long[] pages() {
        return pages == null ? NONE : pages.sortedKeys();
    }

    void clear() {
        pages = null;
        deferrals = null;
        lastPage = NO_PAGE;
        listsDeferrals = true;
        answers = 0;
    }
}
