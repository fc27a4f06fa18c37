package io.waystation.channel;

/// The layout of a record in the cursor log. Its key is the channel's name; records about the topic have none. Its
/// value:
///
/// ```
///  0         1      2       3
/// +---------+------+-------+---------
/// | version | type | flags | payload
/// +---------+------+-------+---------
/// ```
///
/// Whoever meets a version or type that it does not know passes over the record when it is marked SKIPPABLE, and else
/// refuses to open the log. Payloads, in numbers and texts of [ByteWriter]:
///
/// | type | payload |
/// |---|---|
/// | CREATED | resets, floor |
/// | DELETED | resets |
/// | PROPERTIES | per property: key, 1, value; or key, 0 when it was removed |
/// | RESET | resets, offset: all below it is done, nothing from there on was delivered |
/// | DELTA | resets, floor, next, then [pages][UnfinishedPage] in place of those known |
/// | CHECKPOINT_BEGIN | of the topic: properties; name and resets of deleted channels |
/// | CHECKPOINT_PAGE | a page |
/// | CHECKPOINT | resets, floor, next, properties; with the pages and deferrals since CHECKPOINT_BEGIN, all of a
/// channel |
/// | DEFERRALS, SKIPPABLE | [deferrals][Deferrals], which override what was said of the same messages |
/// | CHECKPOINT_DEFERRALS, SKIPPABLE | the same, as a part of a checkpoint |
///
/// Properties are their number, then a key and a value each.
final class CursorRecord {
    static final int VERSION = 1;
    static final int SKIPPABLE = 1;
    static final int HEADER_BYTES = 3;

    static final int CREATED = 1;
    static final int DELETED = 2;
    static final int PROPERTIES = 3;
    static final int RESET = 4;
    static final int DELTA = 5;
    static final int CHECKPOINT_BEGIN = 6;
    static final int CHECKPOINT_PAGE = 7;
    static final int CHECKPOINT = 8;
    static final int DEFERRALS = 9;
    static final int CHECKPOINT_DEFERRALS = 10;

    /// The highest type that this release knows.
    static final int LAST = CHECKPOINT_DEFERRALS;

    private CursorRecord() {}
}
