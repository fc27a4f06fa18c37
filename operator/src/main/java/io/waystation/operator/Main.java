package io.waystation.operator;

import ch.qos.logback.classic.LoggerContext;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.waystation.operator.OperatorSettings.UsageException;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The operator's program. It ends with 0 when told to, with 1 when another replica took over or it could not
/// start, with 2 when an option is wrong.
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int REQUEST_TIMEOUT_MS = 10_000;
    private static final int RETRIES = 2;

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        OperatorSettings settings;
        try {
            settings = OperatorSettings.parse(List.of(arguments), System.getenv());
        } catch (UsageException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
            return;
        }
        LOG.atInfo()
                .addKeyValue("version", OperatorVersion.TEXT)
                .addKeyValue("settings", settings)
                .log("operator starts");
        var config = new ConfigBuilder()
                .withRequestTimeout(REQUEST_TIMEOUT_MS)
                .withRequestRetryBackoffLimit(RETRIES)
                .build();
        var client = new KubernetesClientBuilder().withConfig(config).build();
        var operator = new WaystationOperator(
                client,
                settings,
                () -> Thread.ofPlatform().start(() -> Runtime.getRuntime().halt(1)));
        var health = new HealthServer(settings.healthPort(), operator::isReady, operator::isAlive);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            operator.close();
            health.close();
            LOG.info("operator ends");
            ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
            Runtime.getRuntime().halt(0);
        }));
        try {
            operator.start();
        } catch (RuntimeException failed) {
            // What serves the kubelet's checks would keep the process, and nothing would ever start it again.
            LOG.atError().setCause(failed).log("operator did not start");
            Runtime.getRuntime().halt(1);
        }
    }
}
