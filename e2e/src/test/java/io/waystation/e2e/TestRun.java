package io.waystation.e2e;

import java.time.Instant;

/// A run of these tests, known by its process: a number that comes again belongs to one that started later. Immutable.
record TestRun(long process, long startedMs) {
    TestRun(ProcessHandle process) {
        this(process.pid(), startedMs(process));
    }

    static TestRun parse(String text) {
        var parts = text.split("-", 2);
        return new TestRun(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    boolean goesOn() {
        return ProcessHandle.of(process)
                .filter(found -> startedMs(found) == startedMs)
                .isPresent();
    }

    private static long startedMs(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    @Override
    public String toString() {
        return process + "-" + startedMs;
    }
}
