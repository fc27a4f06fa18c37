package io.waystation.image;

import io.waystation.broker.BrokerProgram;
import io.waystation.lookup.LookupProgram;
import io.waystation.tools.NsqStat;
import io.waystation.tools.NsqTail;
import io.waystation.tools.ToNsq;
import java.util.Arrays;

/// The one program: runs the daemon or tool whose name comes first, which is how its launchers call it.
public final class Waystation {
    private static final int WRONG_USE = 2;

    private Waystation() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String[] arguments) {
        if (arguments.length == 0) {
            return usage();
        }
        var rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        // Not a table: only the program that runs is to be loaded.
        return switch (arguments[0]) {
            case "nsqd" -> BrokerProgram.run(rest);
            case "nsqlookupd" -> LookupProgram.run(rest);
            case "nsq_stat" -> NsqStat.run(rest);
            case "nsq_tail" -> NsqTail.run(rest);
            case "to_nsq" -> ToNsq.run(rest);
            case "dev" -> DevProgram.run(rest);
            default -> usage();
        };
    }

    private static int usage() {
        System.err.println(
                "usage: waystation NAME [flags]; NAME is one of: dev, nsq_stat, nsq_tail, nsqd, nsqlookupd, to_nsq");
        return WRONG_USE;
    }
}
