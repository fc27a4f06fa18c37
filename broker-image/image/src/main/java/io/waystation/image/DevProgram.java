package io.waystation.image;

import io.waystation.broker.Broker;
import io.waystation.broker.BrokerProgram;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Program;
import io.waystation.daemon.ProgramLog;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import io.waystation.lookup.LookupProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `waystation dev`: a lookup and a broker in one process, their data in a folder, for someone who only wants to send
/// messages.
final class DevProgram {
    private static final Option<String> DATA_PATH =
            Option.string("data-path", "waystation-data", "folder for the messages; made when there is none");
    private static final Option<String> BROKER_CONFIG = Option.string(
            "broker-config", "", "configuration file with further options of the broker, as nsqd takes it");
    private static final Option<Integer> BROKER_TCP_PORT =
            Option.integer("tcp-port", 4150, 0, 65535, "the broker's port for clients");
    private static final Option<Integer> BROKER_HTTP_PORT =
            Option.integer("http-port", 4151, 0, 65535, "the broker's port for HTTP");
    private static final Option<Integer> LOOKUP_TCP_PORT =
            Option.integer("lookup-tcp-port", 4160, 0, 65535, "the lookup's port for brokers");
    private static final Option<Integer> LOOKUP_HTTP_PORT =
            Option.integer("lookup-http-port", 4161, 0, 65535, "the lookup's port for consumers");
    private static final Option<String> LOG_LEVEL = Option.choice(
            "log-level", "warn", "the least important lines that are logged", "debug", "info", "warn", "error");
    private static final Option<String> LOG_PREFIX =
            Option.string("log-prefix", "[dev] ", "begins each line of the log");
    private static final String HOST = "127.0.0.1";

    private DevProgram() {}

    static int run(String[] arguments) {
        var options = Options.ofTool(
                "waystation dev",
                DATA_PATH,
                BROKER_CONFIG,
                BROKER_TCP_PORT,
                BROKER_HTTP_PORT,
                LOOKUP_TCP_PORT,
                LOOKUP_HTTP_PORT,
                LOG_LEVEL,
                LOG_PREFIX);
        return Program.run(options, LOG_PREFIX, LOG_LEVEL, arguments, DevProgram::start);
    }

    private static Program.Daemon start(Settings settings) throws IOException, UsageException {
        var dataPath = Path.of(settings.get(DATA_PATH));
        Files.createDirectories(dataPath);
        var lookup = LookupProgram.start(
                "--tcp-address=" + HOST + ":" + settings.get(LOOKUP_TCP_PORT),
                "--http-address=" + HOST + ":" + settings.get(LOOKUP_HTTP_PORT),
                "--broadcast-address=" + HOST);
        Broker broker;
        try {
            broker = BrokerProgram.start(brokerFlags(settings, lookup.tcpPort(), dataPath));
        } catch (IOException | UsageException failure) {
            lookup.close();
            throw failure;
        }
        ProgramLog.level(settings.get(LOG_LEVEL));
        // Java would load its locales for a %d.
        System.out.printf(
                """
                Waystation is ready. Messages are kept in %s.

                  publish   curl -d 'hello' 'http://%s:%s/pub?topic=test'
                  consume   nsq_tail --topic=test --lookupd-http-address=%s:%s
                  look      curl 'http://%s:%s/stats'

                Clients of NSQ connect to %s:%s. Ctrl-C ends it and keeps the messages.
                Ports: HTTP %s, lookup HTTP %s, TCP %s, lookup TCP %s.
                """,
                dataPath.toAbsolutePath(),
                HOST,
                broker.httpPort(),
                HOST,
                lookup.httpPort(),
                HOST,
                broker.httpPort(),
                HOST,
                broker.tcpPort(),
                broker.httpPort(),
                lookup.httpPort(),
                broker.tcpPort(),
                lookup.tcpPort());
        return () -> {
            broker.close();
            lookup.close();
        };
    }

    private static String[] brokerFlags(Settings settings, int lookupPort, Path dataPath) {
        var flags = new ArrayList<>(List.of(
                "--tcp-address=" + HOST + ":" + settings.get(BROKER_TCP_PORT),
                "--http-address=" + HOST + ":" + settings.get(BROKER_HTTP_PORT),
                "--broadcast-address=" + HOST,
                "--lookupd-tcp-address=" + HOST + ":" + lookupPort,
                "--data-path=" + dataPath));
        if (!settings.get(BROKER_CONFIG).isEmpty()) {
            flags.add("--config=" + settings.get(BROKER_CONFIG));
        }
        return flags.toArray(String[]::new);
    }
}
