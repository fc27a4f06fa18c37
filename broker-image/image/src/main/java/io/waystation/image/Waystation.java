package io.waystation.image;

import io.waystation.broker.BrokerProgram;
import io.waystation.lookup.LookupProgram;
import io.waystation.tools.NsqStat;
import io.waystation.tools.NsqTail;
import io.waystation.tools.ToNsq;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/// The one program: runs the daemon or tool whose name comes first, which is how its launchers call it.
public final class Waystation {
    private static final int WRONG_USE = 2;
    private static final Map<String, ToIntFunction<String[]>> PROGRAMS = new TreeMap<>(Map.of(
            "nsqd", BrokerProgram::run,
            "nsqlookupd", LookupProgram::run,
            "nsq_stat", NsqStat::run,
            "nsq_tail", NsqTail::run,
            "to_nsq", ToNsq::run,
            "dev", DevProgram::run));

    private Waystation() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String[] arguments) {
        var program = arguments.length == 0 ? null : PROGRAMS.get(arguments[0]);
        if (program == null) {
            System.err.println(
                    "usage: waystation NAME [flags]; NAME is one of: " + String.join(", ", PROGRAMS.keySet()));
            return WRONG_USE;
        }
        return program.applyAsInt(Arrays.copyOfRange(arguments, 1, arguments.length));
    }
}
