package io.waystation.broker;

import io.waystation.daemon.Program;

/// `nsqd`: the broker as a process.
public final class BrokerProgram {
    private BrokerProgram() {}

    public static int run(String[] arguments) {
        return Program.run(
                BrokerOptions.table(), BrokerOptions.LOG_PREFIX, BrokerOptions.LOG_LEVEL, arguments, Broker::start);
    }
}
