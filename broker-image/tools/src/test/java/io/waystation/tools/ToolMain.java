package io.waystation.tools;

import java.util.Arrays;

/// Runs the tool that the first argument names as a process, as the image's program does.
final class ToolMain {
    private ToolMain() {}

    public static void main(String[] arguments) {
        var rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        System.exit(
                switch (arguments[0]) {
                    case "nsq_tail" -> NsqTail.run(rest);
                    case "to_nsq" -> ToNsq.run(rest);
                    case "nsq_stat" -> NsqStat.run(rest);
                    default -> throw new IllegalArgumentException(arguments[0]);
                });
    }
}
