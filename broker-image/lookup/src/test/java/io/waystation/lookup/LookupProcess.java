package io.waystation.lookup;

/// `nsqlookupd` in a process of its own.
final class LookupProcess {
    private LookupProcess() {}

    public static void main(String[] arguments) {
        System.exit(LookupProgram.run(arguments));
    }
}
