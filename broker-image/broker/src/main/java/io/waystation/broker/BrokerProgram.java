package io.waystation.broker;

import io.waystation.daemon.Program;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;

/// `nsqd`: the broker as a process, or within another program's.
public final class BrokerProgram implements Program.Start {
    private BrokerProgram() {}

    public static int run(String[] arguments) {
        return Program.run(
                BrokerOptions.table(),
                BrokerOptions.LOG_PREFIX,
                BrokerOptions.LOG_LEVEL,
                arguments,
                new BrokerProgram());
    }

    /// Starts a broker with these flags in this process.
    public static Broker start(String... flags) throws IOException, UsageException {
        return new BrokerProgram().start(BrokerOptions.table().parse(flags));
    }

    @Override
    public Broker start(Settings settings) throws IOException, UsageException {
        return Broker.start(settings);
    }
}
