package io.waystation.lookup;

import io.waystation.daemon.Program;

/// `nsqlookupd`: the lookup as a process.
public final class LookupProgram {
    private LookupProgram() {}

    public static int run(String[] arguments) {
        return Program.run(
                LookupOptions.table(), LookupOptions.LOG_PREFIX, LookupOptions.LOG_LEVEL, arguments, Lookup::start);
    }
}
