package io.waystation.daemon;

import java.io.IOException;

/// A daemon in a process of its own, as the tests of its life start it. The last argument says what it does.
final class DaemonProcess {
    private static final Option<String> PREFIX = Option.string("log-prefix", "[test] ", "begins each line");
    private static final Option<String> LEVEL =
            Option.choice("log-level", "info", "a level", "debug", "info", "warn", "error", "fatal");

    private DaemonProcess() {}

    public static void main(String[] arguments) {
        var options = Options.of("testd", PREFIX, LEVEL);
        System.exit(Program.run(options, PREFIX, LEVEL, arguments, settings -> start(arguments[arguments.length - 1])));
    }

    private static Program.Daemon start(String deed) throws IOException {
        return switch (deed) {
            case "fails" -> throw new IOException("tcp-address: cannot listen on :1: taken");
            case "has-a-bug" -> throw new IllegalStateException("bug");
            case "has-an-error" -> throw new StackOverflowError();
            default -> {
                System.out.println("started");
                yield () -> {
                    if (deed.equals("cannot-close")) {
                        throw new IOException("disk gone");
                    }
                };
            }
        };
    }
}
