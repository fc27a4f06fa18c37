package io.waystation.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.waystation.operator.apply.Leases;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.reconciler.ChannelReconciler;
import io.waystation.operator.reconciler.Declarations;
import io.waystation.operator.reconciler.MessageClusterReconciler;
import io.waystation.operator.reconciler.Passes;
import io.waystation.operator.reconciler.TopicReconciler;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// The operator, from its reconcilers to their settings in the SDK. With leader election every replica keeps its
/// caches warm, and one works. Safe from any thread: started and stopped once, by whoever made it.
public final class WaystationOperator implements AutoCloseable {
    private static final String LEASE = "waystation-operator";
    private static final Duration STUCK = Duration.ofMinutes(5);
    private static final Duration MAX_RETRY_INTERVAL = Duration.ofMinutes(2);
    private static final Duration MAX_INTERVAL = Duration.ofMinutes(15);

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Passes passes = new Passes(System::nanoTime);
    private final AtomicBoolean leading = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final String identity;
    private final Runnable onLostLeadership;
    private final Operator operator;

    /// `onLostLeadership` runs when another replica took over: the process must end, so that two never work.
    public WaystationOperator(KubernetesClient client, OperatorSettings settings, Runnable onLostLeadership) {
        this.client = client;
        this.settings = settings;
        this.onLostLeadership = onLostLeadership;
        var host = System.getenv("HOSTNAME");
        this.identity = (host == null ? "" : host + "-") + UUID.randomUUID();
        this.operator = new Operator(this::configure);
        var clock = Clock.systemUTC();
        var brokers = new BrokerClient();
        var declarations = new Declarations(client, brokers, settings.driftInterval(), clock, passes);
        register(new MessageClusterReconciler(
                client, brokers, settings.brokerImage(), settings.notice(), clock, passes));
        register(new TopicReconciler(declarations));
        register(new ChannelReconciler(declarations));
    }

    public void start() {
        operator.start();
    }

    public boolean isReady() {
        return operator.getRuntimeInfo().isStarted()
                && operator.getRuntimeInfo().allEventSourcesAreHealthy();
    }

    /// Whether no pass is stuck.
    public boolean isAlive() {
        return !passes.isAnyOlderThan(STUCK);
    }

    /// Lets running passes end, and hands the work over at once.
    @Override
    public void close() {
        stopping.set(true);
        operator.stop();
        if (leading.get()) {
            Leases.release(client, leaseNamespace(), LEASE, identity);
        }
    }

    /// The SDK would end the process itself when the Lease goes, also in the middle of an orderly end.
    @SuppressWarnings("removal")
    private void configure(ConfigurationServiceOverrider configuration) {
        configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .checkingCRDAndValidateLocalModel(false)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                .withStopOnInformerErrorDuringStartup(settings.namespaces().size() <= 1)
                .withCacheSyncTimeout(Duration.ofMinutes(5))
                .withReconciliationTerminationTimeout(Duration.ofSeconds(20));
        if (settings.leaderElection()) {
            configuration.withLeaderElectionConfiguration(
                    LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                            .withLeaseNamespace(leaseNamespace())
                            .withIdentity(identity)
                            .withLeaderCallbacks(
                                    new LeaderCallbacks(() -> leading.set(true), this::stoppedLeading, leader -> {}))
                            .buildForTest(false));
        }
    }

    private void stoppedLeading() {
        if (!stopping.get()) {
            leading.set(false);
            onLostLeadership.run();
        }
    }

    private String leaseNamespace() {
        return settings.leaseNamespace().orElseGet(client::getNamespace);
    }

    private <P extends HasMetadata> void register(Reconciler<P> reconciler) {
        operator.register(reconciler, (ControllerConfigurationOverrider<P> controller) -> {
            controller
                    .withRetry(new GenericRetry()
                            .setInitialInterval(Duration.ofSeconds(1))
                            .setIntervalMultiplier(1.5)
                            .setMaxInterval(MAX_RETRY_INTERVAL.toMillis())
                            .withoutMaxAttempts())
                    .withRateLimiter(new LinearRateLimiter(Duration.ofSeconds(3), 5))
                    .withReconciliationMaxInterval(MAX_INTERVAL);
            if (!settings.namespaces().isEmpty()) {
                controller.settingNamespaces(settings.namespaces());
            }
        });
    }
}
