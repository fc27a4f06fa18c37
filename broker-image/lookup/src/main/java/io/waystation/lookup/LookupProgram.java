package io.waystation.lookup;

import io.waystation.daemon.Program;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;

/// `nsqlookupd`: the lookup as a process, or within another program's.
public final class LookupProgram implements Program.Start {
    private LookupProgram() {}

    public static int run(String[] arguments) {
        return Program.run(
                LookupOptions.table(),
                LookupOptions.LOG_PREFIX,
                LookupOptions.LOG_LEVEL,
                arguments,
                new LookupProgram());
    }

    /// Starts a lookup with these flags in this process.
    public static Lookup start(String... flags) throws IOException, UsageException {
        return new LookupProgram().start(LookupOptions.table().parse(flags));
    }

    @Override
    public Lookup start(Settings settings) throws IOException, UsageException {
        return Lookup.start(settings);
    }
}
